package io.lockstep.mount;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlaceTest {
    /** A disk with the Gateway on it, and the bind of the Gateway's directory that the agent reaches the replica by. */
    private static final String HOST = """
            1 0 8:1 / / rw shared:1 - ext4 /dev/sda1 rw
            2 1 8:1 /opt/gw /var/underlay rw - ext4 /dev/sda1 rw
            """;

    private static final String SHARE = "3 1 0:50 / /mnt/wso2 rw shared:2 - nfs4 filer:/wso2 rw\n";
    private static final String LIVE = "/opt/gw/server";
    private static final String REPLICA = "/var/underlay/server";

    @Test
    void aBindOfTheDirectoryAboveShowsTheSameDirectory() {
        var mounts = MountTable.parse(HOST);

        assertThat(Place.of(mounts, REPLICA)).contains(new Place("8:1", "/opt/gw/server"));
        assertThat(Place.isSame(mounts, LIVE, REPLICA)).isTrue();
        assertThat(Place.isUncovered(mounts, REPLICA, LIVE)).isTrue();
        assertThat(Place.isSame(mounts, LIVE, "/var/underlay/other")).isFalse();
    }

    @Test
    void aBoundShareIsTheShareAndTheReplicaIsBeneathIt() {
        var mounts = MountTable.parse(HOST + SHARE + "4 1 0:50 /server /opt/gw/server rw - nfs4 filer:/wso2 rw\n");

        assertThat(Place.isSame(mounts, LIVE, "/mnt/wso2/server")).isTrue();
        assertThat(Place.isSame(mounts, LIVE, REPLICA)).isFalse();
        assertThat(Place.isBeneath(mounts, REPLICA, LIVE)).isTrue();
        assertThat(Place.isBeneath(mounts, "/var/elsewhere/server", LIVE)).isFalse();
    }

    @Test
    void theUnderlayIsFoundBeneathAnyNumberOfMounts() {
        var mounts = MountTable.parse(HOST
                + SHARE
                + "4 1 0:50 /server /opt/gw/server rw - nfs4 filer:/wso2 rw\n"
                + "5 4 0:50 /server /opt/gw/server rw - nfs4 filer:/wso2 rw\n");

        assertThat(Place.isBeneath(mounts, REPLICA, LIVE)).isTrue();
    }

    @Test
    void theUnderlayOfTheSharesOwnMountpointShowsWhenItIsUnmounted() {
        var host = HOST.replace("/opt/gw /var/underlay", "/mnt /var/underlay");
        var replica = "/var/underlay/wso2/server";

        assertThat(Place.isSame(MountTable.parse(host + SHARE), "/mnt/wso2/server", replica))
                .isFalse();
        assertThat(Place.isBeneath(MountTable.parse(host + SHARE), replica, "/mnt/wso2/server"))
                .isTrue();
        assertThat(Place.isUncovered(MountTable.parse(host), replica, "/mnt/wso2/server"))
                .isTrue();
    }

    @Test
    void anUnderlayThatTheMountSpreadIntoIsNone() {
        // The bind of the directory above was left shared, so that what is mounted at the live path is mounted in it
        // too.
        var mounts = MountTable.parse(HOST
                + "4 1 0:50 / /opt/gw/server rw - nfs4 filer:/wso2 rw\n"
                + "5 2 0:50 / /var/underlay/server rw - nfs4 filer:/wso2 rw\n");

        assertThat(Place.of(mounts, REPLICA)).contains(new Place("0:50", "/"));
        assertThat(Place.isSame(mounts, LIVE, REPLICA)).isTrue();
        assertThat(Place.isUncovered(mounts, REPLICA, LIVE)).isFalse();
        assertThat(Place.isBeneath(mounts, REPLICA, LIVE)).isFalse();
    }

    @Test
    void aDiskOfItsOwnAboveTheLivePathIsNoSuchMount() {
        var mounts = MountTable.parse("""
                1 0 8:1 / / rw - ext4 /dev/sda1 rw
                2 1 8:2 / /opt/gw rw - ext4 /dev/sdb1 rw
                3 1 8:2 / /var/underlay rw - ext4 /dev/sdb1 rw
                """);

        assertThat(Place.isUncovered(mounts, REPLICA, LIVE)).isTrue();
    }

    @Test
    void whatNoMountCoversIsNowhere() {
        var none = MountTable.parse("");

        assertThat(Place.of(none, LIVE)).isEmpty();
        assertThat(Place.isSame(none, LIVE, LIVE)).isFalse();
        assertThat(Place.isUncovered(none, LIVE, LIVE)).isFalse();
        assertThat(Place.isBeneath(none, LIVE, LIVE)).isFalse();
    }
}
