package io.lockstep.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lockstep.cluster.MountEvidence.State;
import io.lockstep.cluster.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines as real kernels write them. */
class MountTableTest {
    private static final MountTable HOST = MountTable.parse("""
            22 27 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:13 - proc proc rw
            27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
            24 27 0:6 / /dev rw,relatime - devtmpfs devtmpfs rw,size=12334492k,mode=755
            26 24 0:24 / /dev/pts rw,relatime - devpts devpts rw,mode=600,ptmxmode=000
            29 26 0:26 / /dev/pts rw,nosuid - devpts devpts rw,gid=5,mode=620
            31 27 0:30 / /run rw,nosuid,nodev shared:5 - tmpfs tmpfs rw,mode=755
            40 27 0:45 / /mnt/wso2 rw,relatime shared:212 - nfs4 filer:/wso2 rw,vers=4.2,hard,addr=10.0.0.9
            41 27 0:46 / /mnt/gluster rw,relatime shared:215 master:3 - fuse.glusterfs gfs1:/vol rw,user_id=0,allow_other
            42 27 0:47 / /mnt/ssh rw,nosuid,nodev,relatime - fuse.sshfs gw@host:/srv/wso2 rw,user_id=1000
            43 27 254:0 /srv/share /mnt/bind ro,relatime shared:1 - ext4 /dev/vda rw,discard
            44 27 0:50 / /mnt/with\\040space\\011tab\\134backslash\\043number rw - nfs4 filer:/a\\040b rw
            45 27 0:51 / /var/lib/docker/overlay2/x/merged rw,relatime - overlay overlay rw,lowerdir=/l:/m,upperdir=/u
            46 27 0:52 / /mnt/none rw,relatime propagate_from:2 unbindable - tmpfs  rw
            """);

    @Test
    void aLineIsReadWithOrWithoutOptionalFields() {
        var nfs = HOST.at("/mnt/wso2").orElseThrow();
        assertThat(nfs.id()).isEqualTo(40);
        assertThat(nfs.parent()).isEqualTo(27);
        assertThat(nfs.device()).isEqualTo("0:45");
        assertThat(nfs.type()).isEqualTo("nfs4");
        assertThat(nfs.source()).isEqualTo("filer:/wso2");
        assertThat(nfs.options()).containsExactlyInAnyOrder("rw", "relatime");
        assertThat(nfs.superOptions()).contains("vers=4.2", "hard");
        assertThat(HOST.at("/mnt/gluster").orElseThrow().type()).isEqualTo("fuse.glusterfs");
        assertThat(HOST.at("/mnt/ssh").orElseThrow().source()).isEqualTo("gw@host:/srv/wso2");
        assertThat(HOST.at("/var/lib/docker/overlay2/x/merged").orElseThrow().type())
                .isEqualTo("overlay");
        assertThat(HOST.at("/mnt/none").orElseThrow().source()).isEmpty();
    }

    @Test
    void aBindIsReadOnlyThoughItsFileSystemIsNot() {
        var bind = HOST.at("/mnt/bind").orElseThrow();
        assertThat(bind.root()).isEqualTo("/srv/share");
        assertThat(bind.isReadOnly()).isTrue();
        assertThat(HOST.at("/").orElseThrow().isReadOnly()).isFalse();
        var frozen = MountTable.parse("1 0 8:1 / / rw - ext4 /dev/sda1 ro,errors=remount-ro");
        assertThat(frozen.at("/").orElseThrow().isReadOnly()).isTrue();
    }

    @Test
    void whatIsEscapedIsReadAsItIs() {
        var mount = HOST.at("/mnt/with space\ttab\\backslash#number").orElseThrow();
        assertThat(mount.source()).isEqualTo("filer:/a b");
        // A backslash that begins no escape stays one.
        assertThat(MountTable.parse("1 0 8:1 / /a\\9\\04 rw - ext4 /dev/sda1 rw")
                        .at("/a\\9\\04"))
                .isPresent();
    }

    @ParameterizedTest
    @CsvSource({
        "/mnt/wso2, 40",
        "/mnt/wso2/server/synapse-configs, 40",
        "/mnt/wso2x, 27",
        "/mnt, 27",
        "/, 27",
        "/dev/pts/0, 29",
        "/run/user, 31"
    })
    void aPathIsCoveredByTheMountThatItLeadsTo(String path, long id) {
        assertThat(HOST.covering(path).map(MountEntry::id)).contains(id);
    }

    @Test
    void ofSeveralMountsOnOnePointTheLastCounts() {
        var stacked = MountTable.parse("""
                1 0 8:1 / / rw - ext4 /dev/sda1 rw
                2 1 0:45 / /mnt/wso2 rw - nfs4 old:/wso2 rw
                3 2 0:46 / /mnt/wso2 rw - nfs4 new:/wso2 rw
                """);
        assertThat(stacked.at("/mnt/wso2").map(MountEntry::source)).contains("new:/wso2");
        assertThat(stacked.covering("/mnt/wso2/server").map(MountEntry::id)).contains(3L);
        // Two on the same parent, as a table may have them that was read while it changed.
        var twice = MountTable.parse("""
                1 0 8:1 / / rw - ext4 /dev/sda1 rw
                2 1 0:45 / /mnt rw - nfs4 old:/wso2 rw
                3 1 0:46 / /mnt rw - nfs4 new:/wso2 rw
                """);
        assertThat(twice.at("/mnt").map(MountEntry::source)).contains("new:/wso2");
    }

    @Test
    void aMountThatAnotherOneHidesIsNotThere() {
        var hidden = MountTable.parse("""
                1 0 8:1 / / rw - ext4 /dev/sda1 rw
                2 1 0:45 / /mnt/wso2 rw - nfs4 filer:/wso2 rw
                3 1 0:46 / /mnt rw - tmpfs tmpfs rw
                """);
        assertThat(hidden.at("/mnt/wso2")).isEmpty();
        assertThat(hidden.covering("/mnt/wso2/server").map(MountEntry::id)).contains(3L);
    }

    @Test
    void inAChrootWithoutARootMountAPathMayBeCoveredByNone() {
        var jail = MountTable.parse("""
                50 27 0:45 / /mnt/wso2 rw - nfs4 filer:/wso2 rw
                51 51 0:2 / /rootfs rw - rootfs rootfs rw
                """);
        assertThat(jail.covering("/etc")).isEmpty();
        assertThat(jail.covering("/mnt/wso2/server").map(MountEntry::id)).contains(50L);
        assertThat(jail.covering("/rootfs/x").map(MountEntry::id)).contains(51L);
    }

    @Test
    void aCircleInATableEnds() {
        var circle = MountTable.parse("""
                1 0 8:1 / / rw - ext4 /dev/sda1 rw
                2 1 8:2 / /a rw - ext4 /dev/sda2 rw
                2 2 8:2 / /a/b rw - ext4 /dev/sda2 rw
                """);
        assertThat(circle.covering("/a/b/c")).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x 1 0:45 / /mnt rw - nfs4 a rw",
                "1 1 0:45 / /mnt rw nfs4 a rw",
                "1 1 0:45 / /mnt",
                "1 1 0:45 / /mnt rw -",
                "1 1 0:45 / /mnt rw - nfs4"
            })
    void anythingElseIsRefused(String line) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MountTable.parse(line))
                .withMessageContaining(line);
    }

    @ParameterizedTest
    @CsvSource({
        "nfs4, nfs4, true",
        "nfs, nfs4, true",
        "nfs, nfs, true",
        "nfs4, nfs, false",
        "nfs, nfsd, false",
        "glusterfs, fuse.glusterfs, true",
        "fuse.glusterfs, fuse.glusterfs, true",
        "sshfs, fuse.glusterfs, false",
        "fuse, fuse.sshfs, true",
        "fuse, fuseblk, true",
        "fuse, fusectl, false",
        "cifs, smb3, true",
        "smb3, cifs, false",
        "ext4, xfs, false"
    })
    void aTypeStandsForItsFamily(String configured, String mounted, boolean matches) {
        assertThat(new ExpectedMount("/mnt", configured, "a").isOfType(mounted)).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({
        "/mnt/wso2, nfs4, filer:/wso2, OK",
        "/mnt/wso2, nfs4, filer:/wso2/, OK",
        "/mnt/gluster, glusterfs, gfs1:/vol, OK",
        "/mnt/wso2/server, nfs4, filer:/wso2, NOT_MOUNTED",
        "/mnt/other, nfs4, filer:/wso2, NOT_MOUNTED",
        "/mnt/wso2, ext4, filer:/wso2, WRONG_TYPE",
        "/mnt/wso2, nfs4, filer:/other, WRONG_EXPORT",
        "/mnt/wso2, nfs4, backup:/wso2, WRONG_EXPORT",
        "/mnt/bind, ext4, /dev/vda, READ_ONLY"
    })
    void aMountIsHeldAgainstTheConfiguration(String point, String type, String source, Reason expected) {
        var verdict = new ExpectedMount(point, type, source).check(HOST);

        assertThat(verdict.reason()).isEqualTo(expected);
        boolean isGood = expected == Reason.OK || expected == Reason.READ_ONLY;
        assertThat(verdict.state()).isEqualTo(isGood ? State.PROVEN : State.LOST);
        assertThat(verdict.detail().isEmpty()).isEqualTo(expected == Reason.OK);
    }
}
