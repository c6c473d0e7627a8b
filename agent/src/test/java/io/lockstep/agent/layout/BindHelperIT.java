package io.lockstep.agent.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockstep.agent.store.BindRequests;
import io.lockstep.agent.store.BoundLivePath;
import io.lockstep.cluster.Serving;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The helper and the agent's side of it, with real mounts: what a Gateway sees while its live path is led to and fro. */
class BindHelperIT {
    private static final int FLIPS = 10;

    @TempDir
    private Path base;

    @SuppressWarnings("NullAway.Init")
    private MountNamespace host;

    private Path live = Path.of("");
    private Path share = Path.of("");
    private Path underlay = Path.of("");

    @BeforeEach
    void aHost() throws Exception {
        base = base.toRealPath();
        host = MountNamespace.create();
        live = base.resolve("deployment/server");
        share = base.resolve("mnt/server");
        underlay = Files.createDirectories(base.resolve("underlay"));
        SampleFiles.write(live);
        Files.createDirectories(base.resolve("mnt"));
    }

    @AfterEach
    void endTheHost() throws Exception {
        host.close();
    }

    private void mountShare() throws Exception {
        host.mountTmpfs(base.resolve("mnt"));
        SampleFiles.write(host.see(share));
    }

    private BindHelper helper() throws Exception {
        return BindHelper.start(host, base, """
                # what setup writes
                underlay %s %s
                tree server %s %s
                """.formatted(live.getParent(), underlay, share, live));
    }

    private BoundLivePath path(BindHelper helper) {
        return new BoundLivePath(
                "server",
                live,
                share,
                underlay.resolve("server"),
                new BindRequests(helper.fifo()),
                InstantSource.system());
    }

    private void flip(BoundLivePath path, Serving to) {
        await("it leads to the " + to).atMost(BindHelper.PATIENCE).untilAsserted(() -> {
            path.flip(to, host.mounts());
            assertThat(path.look(host.mounts())).isEqualTo(to);
        });
    }

    @Test
    void aFlipShowsNoMomentOfEmptinessAndNoOtherTime() throws Exception {
        mountShare();
        var path = path(helper());
        assertThat(path.look(host.mounts())).isEqualTo(Serving.REPLICA);
        var replica = Reader.look(host.see(underlay.resolve("server")));
        try (var reader = Reader.of(host.see(live))) {
            for (int i = 0; i < FLIPS; i++) {
                flip(path, Serving.MOUNT);
                reader.awaitLooks(5);
                flip(path, Serving.REPLICA);
                reader.awaitLooks(5);
            }
            reader.assertNothingEverChanged();
        }
        assertThat(Reader.look(host.see(underlay.resolve("server")))).isEqualTo(replica);
    }

    @Test
    void theBindIsTheShareAndTheUnderlayStaysTheReplica() throws Exception {
        mountShare();
        var path = path(helper());
        flip(path, Serving.MOUNT);

        Files.writeString(host.see(live).resolve("published"), "");
        assertThat(host.see(share).resolve("published")).exists();
        assertThat(host.see(underlay).resolve("server/published")).doesNotExist();
        assertThat(host.mountpoints(base))
                .as("the underlay is private, so that the bind does not spread into it, and nothing is left aside")
                .containsExactlyInAnyOrder(base + "/mnt", underlay.toString(), live.toString());
    }

    @Test
    void aShareThatIsUnmountedIsReadOnUntilTheFlip() throws Exception {
        mountShare();
        var path = path(helper());
        flip(path, Serving.MOUNT);
        try (var reader = Reader.of(host.see(live))) {
            host.run("umount", base.resolve("mnt").toString());
            reader.awaitLooks(10);
            assertThat(path.look(host.mounts())).isEqualTo(Serving.MOUNT);
            flip(path, Serving.REPLICA);
            reader.awaitLooks(10);
            reader.assertNothingEverChanged();
        }
    }

    @Test
    void aShareThatWasMountedAnewIsBoundAnew() throws Exception {
        mountShare();
        var path = path(helper());
        flip(path, Serving.MOUNT);
        host.run("umount", base.resolve("mnt").toString());
        mountShare();
        assertThat(path.look(host.mounts())).isEqualTo(Serving.ABSENT);

        flip(path, Serving.MOUNT);

        Files.writeString(host.see(share).resolve("published"), "");
        assertThat(host.see(live).resolve("published")).exists();
    }

    @Test
    void bindsThatWereStackedByAccidentAreAllDetached() throws Exception {
        mountShare();
        var helper = helper();
        var path = path(helper);
        for (int i = 0; i < 3; i++) {
            host.run("mount", "--bind", share.toString(), live.toString());
        }
        assertThat(path.look(host.mounts())).isEqualTo(Serving.MOUNT);

        flip(path, Serving.REPLICA);

        assertThat(host.mountpoints(live)).isEmpty();
        assertThat(helper.log()).as("it took one request").doesNotContain("can't be uncovered");
    }

    @Test
    void hostileRequestsDoNothingAndAreTold() throws Exception {
        mountShare();
        var helper = helper();
        var before = host.mountpoints(base);

        helper.ask("mount ../../etc");
        helper.ask("mount tenants");
        helper.ask("mount server " + base);
        helper.ask("mount  server");
        helper.ask("umount server");
        helper.ask("mount $(touch " + base.resolve("run/owned") + ")");
        helper.ask("");
        helper.askRaw(new byte[] {(byte) 0xff, 1, 2, '\n'});
        helper.ask("mount server" + "x".repeat(4000));
        helper.ask("last one");

        helper.awaitLog("not a request: last\\ one");
        assertThat(helper.log().lines().filter(line -> line.contains("not a request")))
                .hasSize(10)
                .anyMatch(line -> line.contains("mount\\ ../../etc"))
                .anyMatch(line -> line.contains("$'\\377\\001\\002'"))
                .anyMatch(line -> line.contains("longer than 80 bytes"));
        assertThat(base.resolve("run/owned")).doesNotExist();
        assertThat(host.mountpoints(base)).isEqualTo(before);

        helper.ask("mount server");
        helper.awaitLog(live + " shows " + share);
    }

    @Test
    void aLinkThatSomebodyPutOnTheShareLeadsRootNowhere() throws Exception {
        host.mountTmpfs(base.resolve("mnt"));
        Files.createSymbolicLink(host.see(share), Path.of("/etc"));
        var helper = helper();

        helper.ask("mount server");

        helper.awaitLog(share + " leads through a link");
        await("nothing is left aside")
                .atMost(BindHelper.PATIENCE)
                .untilAsserted(() -> assertThat(host.mountpoints(base))
                        .containsExactlyInAnyOrder(base + "/mnt", underlay.toString()));
    }

    @Test
    void aLinkInPlaceOfTheLivePathLeadsRootNowhere() throws Exception {
        mountShare();
        var helper = helper();
        var victim = Files.createDirectories(base.resolve("victim"));
        Files.move(live, live.resolveSibling("moved"));
        Files.createSymbolicLink(live, victim);

        helper.ask("mount server");

        helper.awaitLog("the share is not bound at " + live);
        Files.delete(live);
        Files.createSymbolicLink(live.resolveSibling("gone"), live.getParent());
        Files.move(live.getParent(), base.resolve("deployment.away"));
        Files.createSymbolicLink(base.resolve("deployment"), victim);
        Files.createDirectories(victim.resolve("server"));
        helper.ask("mount server");
        helper.ask("replica server");
        helper.awaitLog("shows the replica");
        assertThat(host.mountpoints(victim)).isEmpty();
    }

    @Test
    void endingTheHelperLeavesWhatIsMountedAndItGoesOnFromThere() throws Exception {
        mountShare();
        var helper = helper();
        var path = path(helper);
        flip(path, Serving.MOUNT);

        helper.end();
        assertThat(path.look(host.mounts())).isEqualTo(Serving.MOUNT);
        assertThat(path.flip(Serving.REPLICA, host.mounts()).problem())
                .hasValueSatisfying(text -> assertThat(text).contains("systemctl start lockstep-bind"));
        helper.startAgain();

        flip(path, Serving.REPLICA);
        assertThat(host.mountpoints(underlay)).containsExactly(underlay.toString());
    }

    @Test
    void aConfigurationThatOthersThanRootMayChangeIsRefused() throws Exception {
        var conf = base.resolve("bind.conf");
        var log = base.resolve("bind.log");
        Map<String, String> wrong = Map.of(
                "underlay /a", "wrong: underlay",
                "tree server /a/../etc /b", "wrong: tree",
                "tree Server /a /b", "wrong: tree",
                "mount /a /b", "starts with underlay or tree");
        for (var each : wrong.entrySet()) {
            Files.writeString(conf, each.getKey() + "\n");
            assertThat(BindHelper.prepare(host, base)).as(each.getKey()).isEqualTo(78);
            assertThat(log).content(StandardCharsets.UTF_8).contains(each.getValue());
        }
        Files.writeString(conf, "");
        Files.setPosixFilePermissions(conf, PosixFilePermissions.fromString("rw-rw-r--"));
        assertThat(BindHelper.prepare(host, base)).isEqualTo(78);
        Files.setPosixFilePermissions(conf, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setAttribute(conf, "unix:uid", 65534);
        assertThat(BindHelper.prepare(host, base)).isEqualTo(78);
        assertThat(log).content(StandardCharsets.UTF_8).contains("may be changed by others than root");
        Files.delete(conf);
        assertThat(BindHelper.prepare(host, base)).isEqualTo(78);
        assertThat(log).content(StandardCharsets.UTF_8).contains("lockstep setup --host FILE");
    }
}
