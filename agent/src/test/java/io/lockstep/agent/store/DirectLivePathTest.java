package io.lockstep.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.store.LivePath.Flip;
import io.lockstep.cluster.Serving;
import io.lockstep.mount.MountTable;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DirectLivePathTest {
    private static final String DISK = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n";
    private static final MountTable UNCOVERED =
            MountTable.parse(DISK + "2 1 8:1 /opt/gw /under rw - ext4 /dev/sda1 rw\n");
    private static final MountTable COVERED = MountTable.parse(
            DISK
                    + "2 1 8:1 /opt/gw /under rw - ext4 /dev/sda1 rw\n3 1 0:50 /server /opt/gw/server rw - nfs4 filer:/wso2 rw\n");

    private final LivePath path = new DirectLivePath(Path.of("/opt/gw/server"), Path.of("/under/server"));

    @Test
    void whoeverMountsTheShareLeadsIt() {
        assertThat(path.look(COVERED)).isEqualTo(Serving.MOUNT);
        assertThat(path.look(UNCOVERED)).isEqualTo(Serving.REPLICA);
        assertThat(path.flip(Serving.MOUNT, COVERED)).isEqualTo(new Flip.AlreadyThere());
        assertThat(path.flip(Serving.REPLICA, UNCOVERED)).isEqualTo(new Flip.AlreadyThere());
    }

    @Test
    void itCanNotBeLedAwayFromAMountAndSaysSo() {
        assertThat(path.flip(Serving.REPLICA, COVERED).problem())
                .hasValueSatisfying(text -> assertThat(text).contains("flip: none", "umount -l /opt/gw/server"));
        assertThat(path.flip(Serving.MOUNT, UNCOVERED).problem())
                .hasValueSatisfying(text -> assertThat(text).contains("mount the share there"));
        assertThat(path.limit()).hasValueSatisfying(text -> assertThat(text).contains("when it hangs"));
    }

    @Test
    void withoutAnUnderlayNothingIsKnown() {
        assertThat(path.look(MountTable.parse(DISK))).isEqualTo(Serving.ELSEWHERE);
        assertThat(path.flip(Serving.REPLICA, MountTable.parse(DISK))).isInstanceOf(Flip.Refused.class);
    }
}
