package io.lockstep.agent.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.agent.store.BindRequests;
import io.lockstep.agent.store.BoundLivePath;
import io.lockstep.agent.store.LivePath.Flip;
import io.lockstep.cluster.Serving;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A share that does not answer: its FUSE daemon is stopped, so that every call on it hangs. */
class HungShareIT {
    private static final String BINDFS = "bindfs";

    @TempDir
    private Path base;

    @SuppressWarnings("NullAway.Init")
    private MountNamespace host;

    @SuppressWarnings("NullAway.Init")
    private Process daemon;

    private Path live = Path.of("");
    private Path other = Path.of("");

    @BeforeEach
    void aHostWithTwoTreesOnOneShare() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/" + BINDFS)) && Files.isWritable(Path.of("/dev/fuse")),
                "no FUSE mount can be had (Debian: apt-get install bindfs)");
        base = base.toRealPath();
        host = MountNamespace.create();
        live = base.resolve("deployment/server");
        other = base.resolve("deployment/tenants");
        var mount = Files.createDirectories(base.resolve("mnt"));
        for (var tree : new String[] {"export/server", "export/tenants", "deployment/server", "deployment/tenants"}) {
            SampleFiles.write(base.resolve(tree));
        }
        Files.createDirectories(base.resolve("local/tenants"));
        Files.createDirectories(base.resolve("underlay"));
        daemon = host.start(
                base.resolve("bindfs.log"),
                BINDFS,
                "-f",
                "-o",
                "attr_timeout=0,entry_timeout=0,negative_timeout=0",
                base + "/export",
                mount.toString());
        await("the share is mounted")
                .atMost(BindHelper.PATIENCE)
                .until(() -> !host.mountpoints(mount).isEmpty());
    }

    @AfterEach
    void endTheHost() throws Exception {
        host.close();
    }

    private BindHelper helper() throws Exception {
        return BindHelper.start(host, base, """
                underlay %1$s/deployment %1$s/underlay
                tree server %1$s/mnt/server %1$s/deployment/server
                tree tenants %1$s/local/tenants %1$s/deployment/tenants
                """.formatted(base));
    }

    private BoundLivePath path(BindHelper helper) {
        return new BoundLivePath(
                "server",
                live,
                base.resolve("mnt/server"),
                base.resolve("underlay/server"),
                new BindRequests(helper.fifo()),
                InstantSource.system());
    }

    /** From now on every call on the share waits, until {@code CONT}. */
    private void signal(String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, String.valueOf(daemon.pid()))
                        .start()
                        .waitFor(30, TimeUnit.SECONDS))
                .isTrue();
    }

    private void awaitServing(BoundLivePath path, Serving expected) {
        await("it leads to the " + expected)
                .atMost(BindHelper.PATIENCE)
                .untilAsserted(() -> assertThat(path.look(host.mounts())).isEqualTo(expected));
    }

    @Test
    void aBindOverAHungShareIsDetachedAndTheReplicaIsRead() throws Exception {
        var helper = helper();
        var path = path(helper);
        path.flip(Serving.MOUNT, host.mounts());
        awaitServing(path, Serving.MOUNT);
        var before = Reader.look(host.see(live));
        signal("STOP");

        assertThat(path.look(host.mounts())).isEqualTo(Serving.MOUNT);
        assertThat(path.flip(Serving.REPLICA, host.mounts())).isEqualTo(new Flip.Requested());
        awaitServing(path, Serving.REPLICA);

        assertThat(Reader.look(host.see(live))).isEqualTo(before);
        signal("CONT");
        path.flip(Serving.MOUNT, host.mounts());
        awaitServing(path, Serving.MOUNT);
    }

    @Test
    void theHelperGivesAShareThatHangsUpAndServesOtherTreesMeanwhile() throws Exception {
        var helper = helper();
        var path = path(helper);
        signal("STOP");

        helper.ask("mount server");
        helper.ask("mount server");
        helper.awaitLog("server: the last try to bind " + base + "/mnt/server has not ended yet");
        helper.ask("mount tenants");
        helper.awaitLog("tenants: " + other + " shows " + base + "/local/tenants");
        helper.awaitLog("server: the share " + base + "/mnt/server can't be bound, or does not answer");
        assertThat(path.look(host.mounts())).isEqualTo(Serving.REPLICA);

        signal("CONT");
        helper.ask("mount server");
        awaitServing(path, Serving.MOUNT);
    }

    @Test
    void aBindThatComesThroughTooLateDoesNotShow() throws Exception {
        var helper = helper();
        var path = path(helper);
        signal("STOP");
        helper.ask("mount server");
        helper.ask("replica server");
        helper.awaitLog("shows the replica");

        signal("CONT");

        // It finds that it is not wanted any more, or was given up before.
        helper.awaitLog("server: the share ");
        assertThat(path.look(host.mounts())).isEqualTo(Serving.REPLICA);
        assertThat(host.mountpoints(live)).isEmpty();
    }
}
