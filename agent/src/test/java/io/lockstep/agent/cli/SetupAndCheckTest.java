package io.lockstep.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lockstep.agent.config.ConfigurationFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SetupAndCheckTest {
    @TempDir
    private Path home;

    private Run setup(String... nodes) {
        var arguments = new ArrayList<>(
                List.of("setup", "--dir", home.resolve("c").toString(), "--cluster", "prod", "--manager", "gw1"));
        for (var node : nodes) {
            arguments.add("--node");
            arguments.add(node);
        }
        return Run.lockstep(arguments.toArray(new String[0]));
    }

    @Test
    void makesADirectoryForEachNodeThatLoads() throws Exception {
        var run = setup("gw1=10.0.0.1", "gw2=host-b:9001:9002", "gw3=[fd00::3]:9003");

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        var second = ConfigurationFile.load(home.resolve("c/gw2/lockstep.yml"));
        assertThat(second.node().name()).isEqualTo("gw2");
        assertThat(second.isManager()).isFalse();
        assertThat(second.control().port()).isEqualTo(9001);
        assertThat(second.ops().port()).isEqualTo(9002);
        assertThat(second.cluster().members())
                .extracting(member -> member.control().toString())
                .containsExactly("https://10.0.0.1:9881", "https://host-b:9001", "https://[fd00::3]:9003");
        var tls = second.control().tls();
        assertThat(tls.ca()).hasSameTextualContentAs(home.resolve("c/ca/ca.pem"));
        assertThat(tls.certificate()).content().contains("BEGIN CERTIFICATE");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(tls.key())))
                .isEqualTo("rw-------");
        try (var files = Files.list(home.resolve("c"))) {
            assertThat(files)
                    .extracting(file -> file.getFileName().toString())
                    .containsExactlyInAnyOrder("ca", "gw1", "gw2", "gw3");
        }
    }

    @Test
    void aSecondRunAddsANodeAndKeepsTheOthers() throws IOException {
        setup("gw1=10.0.0.1");
        var key = Files.readString(home.resolve("c/gw1/tls/node.key"));
        var authority = Files.readString(home.resolve("c/ca/ca.pem"));

        var run = setup("gw1=10.0.0.1", "gw2=10.0.0.2");

        assertThat(run.out()).contains("kept", "made", "add the new nodes to cluster.members");
        assertThat(home.resolve("c/gw1/tls/node.key")).hasContent(key);
        assertThat(home.resolve("c/gw2/tls/ca.pem")).hasContent(authority);
    }

    @Test
    void wrongNodesWriteNothing() {
        assertThat(setup("gw1=10.0.0.1:0").exitCode()).isEqualTo(64);
        assertThat(setup("GW=10.0.0.1").exitCode()).isEqualTo(64);
        assertThat(setup("gw2=10.0.0.2").err()).contains("cluster.manager: is 'gw1', which is not a member");
        assertThat(setup("gw1=a", "ca=b").err()).contains("a node can't be called ca");
        assertThat(setup("gw1=a", "gw1=b").err()).contains("cluster.members[1].name");
        assertThat(home.resolve("c")).doesNotExist();
    }

    @Test
    void marksAShareOnceAndRefusesAnothers() {
        var share = home.toString();

        assertThat(Run.lockstep("setup", "--share", share, "--cluster", "prod").out())
                .startsWith("Marked ");
        assertThat(Run.lockstep("setup", "--share", share, "--cluster", "prod").out())
                .startsWith("Already marked ");
        var other = Run.lockstep("setup", "--share", share, "--cluster", "test");
        assertThat(other.exitCode()).isEqualTo(73);
        assertThat(other.err()).contains("belongs to cluster 'prod'").hasLineCount(1);
        assertThat(Run.lockstep("setup", "--share", share + "/away", "--cluster", "prod")
                        .exitCode())
                .isEqualTo(66);
    }

    private Path configuration(String more) throws IOException {
        setup("gw1=127.0.0.1");
        Files.createDirectories(home.resolve("gateway"));
        Files.createDirectories(home.resolve("r"));
        return Files.writeString(home.resolve("c/gw1/test.yml"), """
                cluster: {id: prod, manager: gw1, members: [{name: gw1, control: "https://127.0.0.1:9881"}]}
                node: {name: gw1, state: ../../state}
                rsync: {command: /bin/sh}
                trees: [{name: server, share: ../../share, live: ../../gateway/server, replica: ../../r/server}]
                """ + more);
    }

    @Test
    void checkExplainsAGoodConfiguration() throws IOException {
        var run = Run.lockstep("check", configuration("").toString());

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains(
                        "Node gw1 of cluster prod",
                        "It is the manager",
                        "Tree server",
                        home.resolve("gateway/server").toString(),
                        "0.0.0.0:9880",
                        "warning: trees[0].share\n  " + home.resolve("share") + " is not there.",
                        "warning: trees[0].mount\n  is not set, so the mount is proven by its marker and the members' beacons alone.",
                        "good, with 2 warnings");
    }

    @Test
    void checkListsEveryProblemAndExitsWith78() throws Exception {
        var file = configuration("scan: {intervall: 15s, threads: 0}\ntiming: {settle: 5}\n");

        var run = Run.lockstep("check", file.toString(), "-f", "json");

        assertThat(run.exitCode()).isEqualTo(78);
        var report = new JsonMapper().readTree(run.out());
        assertThat(report.path("valid").asBoolean()).isFalse();
        assertThat(report.path("errors").findValuesAsText("key"))
                .containsExactlyInAnyOrder("scan.intervall", "scan.threads", "timing.settle");
        assertThat(Run.lockstep("check", file.toString()).out())
                .contains("Did you mean scan.interval?", "the agent would not start: 3 errors");
    }

    @Test
    void checkOfAHostThatIsNotReadyExitsWith78() throws IOException {
        var file = configuration("");
        Files.delete(home.resolve("gateway"));

        var run = Run.lockstep("check", file.toString(), "-f", "tsv");

        assertThat(run.exitCode()).isEqualTo(78);
        assertThat(run.out()).contains("\nerror\ttrees[0].live\t");
    }

    @Test
    void aFileThatIsNotThereIsExitCode66() {
        var run = Run.lockstep("check", home.resolve("away.yml").toString());

        assertThat(run.exitCode()).isEqualTo(66);
        assertThat(run.err()).isEqualTo("lockstep: " + home.resolve("away.yml") + " is not there. Check the path\n");
        assertThat(Run.lockstep("check", home.toString()).exitCode()).isEqualTo(74);
    }
}
