package io.lockstep.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.store.LivePath.Flip;
import io.lockstep.cluster.Serving;
import io.lockstep.mount.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinkedLivePathIT {
    private static final MountTable HOST = MountTable.parse("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");

    @TempDir
    Path base;

    @SuppressWarnings("NullAway.Init")
    private LinkedLivePath livePath;

    @SuppressWarnings("NullAway.Init")
    private Path live;

    @BeforeEach
    void setUp() {
        live = base.resolve("server");
        livePath = new LinkedLivePath(live, base.resolve("mount/server"), base.resolve("replica/server"));
    }

    @Test
    void anAbsentLivePathIsMadeAndThenFlipped() throws IOException {
        assertThat(livePath.look(HOST)).isEqualTo(Serving.ABSENT);

        assertThat(livePath.flip(Serving.REPLICA, HOST)).isEqualTo(new Flip.Flipped());
        assertThat(livePath.look(HOST)).isEqualTo(Serving.REPLICA);
        assertThat(livePath.flip(Serving.MOUNT, HOST)).isEqualTo(new Flip.Flipped());
        assertThat(livePath.look(HOST)).isEqualTo(Serving.MOUNT);

        assertThat(Files.readSymbolicLink(live)).isEqualTo(base.resolve("mount/server"));
        assertThat(livePath.flip(Serving.MOUNT, HOST)).isEqualTo(new Flip.AlreadyThere());
        try (var left = Files.list(base)) {
            assertThat(left).containsExactly(live);
        }
    }

    @Test
    void aRelativeLinkIsReadFromWhereItLies() throws IOException {
        Files.createSymbolicLink(live, Path.of("mount/../replica/server/"));

        assertThat(livePath.look(HOST)).isEqualTo(Serving.REPLICA);
    }

    @Test
    void aLinkElsewhereIsAPersonsAndStays() throws IOException {
        Files.createSymbolicLink(live, base.resolve("other"));

        assertThat(livePath.look(HOST)).isEqualTo(Serving.ELSEWHERE);
        assertThat(livePath.flip(Serving.REPLICA, HOST)).isInstanceOf(Flip.Refused.class);
        assertThat(Files.readSymbolicLink(live)).isEqualTo(base.resolve("other"));
    }

    @Test
    void aDirectoryIsNeverReplaced() throws IOException {
        Files.createDirectory(live);

        assertThat(livePath.look(HOST)).isEqualTo(Serving.ELSEWHERE);
        assertThat(livePath.flip(Serving.REPLICA, HOST))
                .isInstanceOfSatisfying(
                        Flip.Refused.class,
                        refused -> assertThat(refused.message()).contains(live.toString(), "not a symbolic link"));
        assertThat(live).isDirectory();
    }

    @Test
    void whatACrashedFlipLeftIsNoHindrance() throws IOException {
        Files.createSymbolicLink(live, base.resolve("mount/server"));
        Files.createSymbolicLink(base.resolve(".server.lockstep-next"), base.resolve("mount/server"));

        assertThat(livePath.flip(Serving.REPLICA, HOST)).isEqualTo(new Flip.Flipped());
        assertThat(livePath.look(HOST)).isEqualTo(Serving.REPLICA);
    }

    @Test
    void aMissingParentIsNamed() {
        var orphan = new LinkedLivePath(base.resolve("none/server"), base.resolve("m"), base.resolve("r"));

        assertThat(orphan.flip(Serving.REPLICA, HOST))
                .isInstanceOfSatisfying(
                        Flip.Failed.class,
                        failed -> assertThat(failed.failure().message()).contains("none/server", "ENOENT"));
    }

    @Test
    void anUnmountThatUncoversTheReplicaNeedsNoFlip() throws IOException {
        // /base/mount is the mountpoint, and /base is bound at /under to reach what lies beneath it.
        var uncovered = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:1 " + base + " /under rw - ext4 /dev/sda1 rw\n";
        var mounted = uncovered + "3 1 0:50 / " + base + "/mount rw - nfs4 filer:/wso2 rw\n";
        var path = new LinkedLivePath(live, base.resolve("mount/server"), Path.of("/under/mount/server"));
        Files.createSymbolicLink(live, base.resolve("mount/server"));

        assertThat(path.look(MountTable.parse(mounted))).isEqualTo(Serving.MOUNT);
        assertThat(path.look(MountTable.parse(uncovered))).isEqualTo(Serving.REPLICA);
        assertThat(path.flip(Serving.REPLICA, MountTable.parse(uncovered))).isEqualTo(new Flip.AlreadyThere());
        assertThat(Files.readSymbolicLink(live)).isEqualTo(base.resolve("mount/server"));

        // While it hangs the mount is still there, and the link is led away from it.
        assertThat(path.flip(Serving.REPLICA, MountTable.parse(mounted))).isEqualTo(new Flip.Flipped());
        assertThat(path.look(MountTable.parse(mounted))).isEqualTo(Serving.REPLICA);
    }
}
