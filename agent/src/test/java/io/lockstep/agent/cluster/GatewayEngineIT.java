package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.demo.DemoNode;
import io.lockstep.agent.faulty.Fault;
import io.lockstep.agent.faulty.Fault.Kind;
import io.lockstep.agent.faulty.FaultyMounts;
import io.lockstep.agent.faulty.Operation;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Serving;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real gateway engines serve APIs from the live paths of two nodes while the share is unmounted, hangs and comes back:
 * no call of an API fails that nobody changed, none of them is deployed anew, and what is published arrives without a
 * restart of an engine.
 */
class GatewayEngineIT {
    private static final int APIS = 20;

    @TempDir
    private static Path program;

    @TempDir
    private Path directory;

    private final List<GatewayEngine> engines = new ArrayList<>();
    private final Set<String> changed = new HashSet<>();
    private Optional<MountedCluster> mounted = Optional.empty();
    private Optional<ApiCalls> calls = Optional.empty();

    @BeforeAll
    static void build() throws Exception {
        FaultyMounts.assumeAvailable();
        GatewayEngine.build(program.resolve("gateway"));
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        try {
            if (calls.isPresent()) {
                calls.get().close();
            }
            if (mounted.isPresent()) {
                mounted.get().mounts().clear();
            }
            for (var engine : engines) {
                engine.stop();
            }
        } finally {
            if (mounted.isPresent()) {
                mounted.get().close();
            }
        }
    }

    private static EngineApi api(int number) {
        return new EngineApi(String.format(Locale.ROOT, "Api%02d", number));
    }

    private void start(NodeLayout layout) throws Exception {
        start(layout, Duration.ofSeconds(2));
    }

    private void start(NodeLayout layout, Duration deadline) throws Exception {
        var share = directory.resolve("share");
        GatewayEngine.writeSkeleton(program.resolve("gateway"), share);
        for (int i = 0; i < APIS; i++) {
            api(i).write(share, 1);
        }
        var started = MountedCluster.start(directory, 2, layout, deadline);
        mounted = Optional.of(started);
        awaitOnMount();
        for (var node : started.cluster().nodes()) {
            // live is HOME/repository/deployment/server
            var home = node.live().getParent().getParent().getParent();
            engines.add(GatewayEngine.start(program.resolve("gateway"), home));
        }
        calls = Optional.of(new ApiCalls(engines, List.of(api(APIS - 1))));
        for (int i = 0; i < APIS; i++) {
            awaitAnswer(api(i), 1);
        }
        // From the first look on an engine knows what it loaded at its start.
        publish(new EngineApi("First"), share(), 1);
        calls.get().close();
        calls = Optional.of(new ApiCalls(
                engines,
                IntStream.range(10, APIS).mapToObj(GatewayEngineIT::api).toList()));
    }

    private TestCluster cluster() {
        return mounted.orElseThrow().cluster();
    }

    private Path share() {
        return cluster().share();
    }

    private Path managersLive() {
        return cluster().manager().live();
    }

    private void awaitOnMount() {
        cluster().awaitServing(Mode.SHARED);
        awaitServed(Serving.MOUNT);
    }

    private void awaitServed(Serving serving) {
        cluster().until("every node serves the " + serving, () -> {
            for (var node : cluster().nodes()) {
                var served = cluster().status(node).orElseThrow().members().stream()
                        .filter(member -> member.name().value().equals(node.name()))
                        .findAny()
                        .orElseThrow()
                        .serving();
                assertThat(served).as(node.name()).contains(serving);
            }
        });
    }

    private void awaitLost(Reason reason) {
        cluster().until("every node has lost its mount", () -> {
            for (DemoNode node : cluster().nodes()) {
                assertThat(node.ask("/mount").orElseThrow().text("reason"))
                        .as(node.name())
                        .isEqualTo(reason.name());
            }
        });
        awaitServed(Serving.REPLICA);
        cluster().awaitServing(Mode.RSYNC);
    }

    /** Writes the API as a Gateway does, and waits until every engine answers with it. */
    private void publish(EngineApi api, Path tree, int version) throws Exception {
        write(api, tree, version);
        awaitAnswer(api, version);
    }

    private void write(EngineApi api, Path tree, int version) throws Exception {
        changed.add(api.name());
        api.write(tree, version);
    }

    private void awaitAnswer(EngineApi api, int version) {
        awaitAnswer(api, "200 <api>" + EngineApi.answer(version) + "</api>");
    }

    private void awaitAnswer(EngineApi api, String answer) {
        for (var engine : engines) {
            cluster()
                    .until(
                            engine.url(api.context()) + " answers " + answer,
                            () -> assertThat(calls.orElseThrow().answer(engine, api))
                                    .as(() -> String.join("\n", engine.deployments()))
                                    .startsWith(answer));
        }
    }

    /** A new API, another version of one and the end of another arrive at every engine, one look after the other. */
    private void change(Path tree, EngineApi added, EngineApi updated, int version, EngineApi deleted)
            throws Exception {
        write(added, tree, 1);
        write(updated, tree, version);
        changed.add(deleted.name());
        deleted.delete(tree);
        awaitAnswer(added, 1);
        awaitAnswer(updated, version);
        awaitAnswer(deleted, "404");
    }

    private void unmountAll() throws Exception {
        for (var node : cluster().nodes()) {
            mounted.orElseThrow().mounts().unmount(node.name());
        }
    }

    private void mountAll() throws Exception {
        for (var node : cluster().nodes()) {
            mounted.orElseThrow().mount(node);
        }
    }

    private void assertNobodyNoticed() throws Exception {
        assertThat(calls.orElseThrow().failed())
                .as(calls.orElseThrow().summary())
                .isZero();
        for (var engine : engines) {
            assertThat(engine.deployments())
                    .as("deployments of what nobody changed")
                    .allMatch(line -> changed.stream().anyMatch(line::contains));
            assertThat(engine.log()).doesNotContain("has been backed up");
        }
        try (var files = Files.walk(share())) {
            assertThat(files.filter(file -> file.toString().endsWith(".back"))).isEmpty();
        }
    }

    @Test
    void boundEnginesServeThroughAnUnmountAndAHangAndDeployWhatIsPublishedInBothModes() throws Exception {
        start(NodeLayout.BIND);

        unmountAll();
        awaitLost(Reason.NOT_MOUNTED);
        change(managersLive(), new EngineApi("NewInRsync"), api(0), 2, api(1));
        mountAll();
        awaitOnMount();
        change(share(), new EngineApi("NewInShared"), new EngineApi("NewInRsync"), 2, api(2));
        assertNobodyNoticed();

        mounted.orElseThrow().fault(cluster().nodes(), Fault.of(Kind.HANG, Operation.ALL));
        awaitLost(Reason.SHARE_HUNG);
        // An engine that looked at the share just then hangs in it with its look, and deploys when it is released.
        write(new EngineApi("NewInHang"), managersLive(), 1);
        mounted.orElseThrow().mounts().clear();
        awaitOnMount();
        awaitAnswer(new EngineApi("NewInHang"), 1);
        change(share(), new EngineApi("NewAfterHang"), api(0), 3, api(3));
        assertNobodyNoticed();
        System.out.println(calls.orElseThrow().summary());
    }

    @Test
    @EnabledIfSystemProperty(named = "lockstep.all", matches = "true")
    void linkedEnginesServeThroughAnUnmountAndAHang() throws Exception {
        start(NodeLayout.LINK_OVER_REPLICA);

        unmountAll();
        awaitLost(Reason.NOT_MOUNTED);
        publish(new EngineApi("NewInRsync"), managersLive(), 1);
        mountAll();
        awaitOnMount();
        publish(new EngineApi("NewInShared"), share(), 1);
        assertNobodyNoticed();

        mounted.orElseThrow().fault(cluster().nodes(), Fault.of(Kind.HANG, Operation.ALL));
        awaitLost(Reason.SHARE_HUNG);
        write(new EngineApi("NewInHang"), managersLive(), 1);
        mounted.orElseThrow().mounts().clear();
        awaitOnMount();
        awaitAnswer(new EngineApi("NewInHang"), 1);
        publish(new EngineApi("NewAfterHang"), share(), 1);
        assertNobodyNoticed();
        System.out.println(calls.orElseThrow().summary());
    }

    /** With the defaults it is the usual case: a Gateway looks every 15 s, and a mount may hang for 10 s. */
    @Test
    @EnabledIfSystemProperty(named = "lockstep.all", matches = "true")
    void anEngineThatHangsInTheShareGoesOnWhenTheShareAnswers() throws Exception {
        // An engine looks every ten seconds, so that each looks before it is led away.
        start(NodeLayout.BIND, Duration.ofSeconds(14));
        mounted.orElseThrow()
                .fault(cluster().nodes(), Fault.of(Kind.HANG, Operation.READDIR).below("synapse-configs/default/api"));
        cluster().until("every engine hangs in the share", () -> {
            for (var engine : engines) {
                assertThat(engine.hangs()).isTrue();
            }
        });
        awaitLost(Reason.SHARE_HUNG);
        mounted.orElseThrow().mounts().clear();
        awaitOnMount();
        change(share(), new EngineApi("NewAfterHang"), api(0), 2, api(3));
        assertNobodyNoticed();
        System.out.println(calls.orElseThrow().summary());
    }
}
