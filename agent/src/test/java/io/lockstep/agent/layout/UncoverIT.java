package io.lockstep.agent.layout;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.store.DirectLivePath;
import io.lockstep.agent.store.LinkedLivePath;
import io.lockstep.agent.store.LivePath;
import io.lockstep.cluster.Serving;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A clean unmount uncovers the replica, with real mounts: a Gateway never sees its directory empty. */
class UncoverIT {
    private static final int ROUNDS = 10;

    @TempDir
    private Path base;

    @SuppressWarnings("NullAway.Init")
    private MountNamespace host;

    @BeforeEach
    void aHost() throws Exception {
        base = base.toRealPath();
        host = MountNamespace.create();
    }

    @AfterEach
    void endTheHost() throws Exception {
        host.close();
    }

    /** Binds the directory above privately, as the helper does. */
    private Path underlay(Path directory) throws Exception {
        var point = Files.createDirectories(base.resolve("underlay"));
        Files.writeString(base.resolve("bind.conf"), "underlay " + directory + " " + point + "\n");
        assertThat(BindHelper.prepare(host, base)).isZero();
        // Made already: nothing is mounted again.
        assertThat(BindHelper.prepare(host, base)).isZero();
        assertThat(host.mountpoints(point)).containsExactly(point.toString());
        return point;
    }

    private void mountAndUnmount(Path mountpoint, Path live, LivePath path) throws Exception {
        try (var reader = Reader.of(host.see(live))) {
            for (int i = 0; i < ROUNDS; i++) {
                assertThat(path.look(host.mounts())).isEqualTo(Serving.REPLICA);
                // A share comes with its content; a file system that is empty at first would be no share.
                host.run("mount", "--bind", base + "/export", mountpoint.toString());
                assertThat(path.look(host.mounts())).isEqualTo(Serving.MOUNT);
                reader.awaitLooks(5);
                // The reader keeps it busy, as a Gateway does.
                host.run("umount", "--lazy", mountpoint.toString());
                reader.awaitLooks(5);
            }
            reader.assertNothingEverChanged();
        }
    }

    private void export(String directory) throws Exception {
        host.mountTmpfs(Files.createDirectories(base.resolve("export")));
        SampleFiles.write(host.see(base.resolve("export").resolve(directory)));
    }

    @Test
    void aShareMountedStraightOnTheLivePathLeavesTheReplicaBehind() throws Exception {
        var live = base.resolve("deployment/server");
        SampleFiles.write(live);
        export("");
        var path = new DirectLivePath(live, underlay(live.getParent()).resolve("server"));

        mountAndUnmount(live, live, path);
    }

    @Test
    void aLinkToTheShareShowsTheReplicaThatLiesBeneathItsMountpoint() throws Exception {
        var share = base.resolve("mnt/wso2/server");
        SampleFiles.write(share);
        export("server");
        var live = base.resolve("server");
        Files.createSymbolicLink(live, share);
        // An absolute link is followed from this process's root, not from the namespace's.
        var path = new LinkedLivePath(live, share, underlay(base.resolve("mnt")).resolve("wso2/server"));

        mountAndUnmount(share.getParent(), share, path);
        assertThat(Files.readSymbolicLink(live)).isEqualTo(share);
    }
}
