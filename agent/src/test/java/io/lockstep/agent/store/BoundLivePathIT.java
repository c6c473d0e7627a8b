package io.lockstep.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.store.LivePath.Flip;
import io.lockstep.cluster.Serving;
import io.lockstep.mount.MountTable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a bound live path makes of a mount table, and what it asks the helper, whose end of the FIFO the test holds. */
class BoundLivePathIT {
    private static final String DISK = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n";
    private static final String SHARE = "3 1 0:50 / /mnt/wso2 rw - nfs4 filer:/wso2 rw\n";

    @TempDir
    private Path base;

    private Instant now = Instant.EPOCH;
    private String disk = "";

    @SuppressWarnings("NullAway.Init")
    private Path live;

    @SuppressWarnings("NullAway.Init")
    private RandomAccessFile helper;

    @SuppressWarnings("NullAway.Init")
    private BoundLivePath path;

    @BeforeEach
    void aGatewayWithAnUnderlay() throws Exception {
        live = Files.createDirectory(base.resolve("server"));
        disk = DISK + "2 1 8:1 " + base + " /under rw - ext4 /dev/sda1 rw\n";
        var fifo = base.resolve("bind");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor(30, TimeUnit.SECONDS))
                .isTrue();
        helper = new RandomAccessFile(fifo.toFile(), "rw");
        path = new BoundLivePath(
                "server",
                live,
                Path.of("/mnt/wso2/server"),
                Path.of("/under/server"),
                new BindRequests(fifo),
                () -> now);
    }

    @AfterEach
    void closeTheFifo() throws IOException {
        helper.close();
    }

    private String bound(int id, String root) {
        return id + " 1 0:50 " + root + " " + live + " rw - nfs4 filer:/wso2 rw\n";
    }

    private Serving look(String... mounts) {
        return path.look(MountTable.parse(String.join("", mounts)));
    }

    private Flip flip(Serving to, String... mounts) {
        return path.flip(to, MountTable.parse(String.join("", mounts)));
    }

    @Test
    void theMountTableTellsWhereItLeads() {
        assertThat(look(disk)).isEqualTo(Serving.REPLICA);
        assertThat(look(disk, SHARE)).isEqualTo(Serving.REPLICA);
        assertThat(look(disk, SHARE, bound(4, "/server"))).isEqualTo(Serving.MOUNT);
        // Two of them by accident are the share all the same.
        assertThat(look(disk, SHARE, bound(4, "/server"), bound(5, "/server").replace("5 1", "5 4")))
                .isEqualTo(Serving.MOUNT);
    }

    @Test
    void aShareThatWasUnmountedIsReadOnThroughTheBind() {
        assertThat(look(disk, bound(4, "/server"))).isEqualTo(Serving.MOUNT);
    }

    @Test
    void aBindOfAnEarlierMountOfTheShareLeadsNowhere() {
        var mountedAnew = SHARE.replace("0:50", "0:51");

        assertThat(look(disk, mountedAnew, bound(4, "/server"))).isEqualTo(Serving.ABSENT);
    }

    @Test
    void whatAPersonMountedOrLinkedThereStays() throws IOException {
        var foreign = "4 1 8:1 /home/fix " + live + " rw - ext4 /dev/sda1 rw\n";

        assertThat(look(disk, SHARE, foreign)).isEqualTo(Serving.ELSEWHERE);
        assertThat(flip(Serving.REPLICA, disk, SHARE, foreign)).isInstanceOf(Flip.Refused.class);

        Files.delete(live);
        Files.createSymbolicLink(live, base.resolve("other"));
        assertThat(look(disk, SHARE)).isEqualTo(Serving.ELSEWHERE);
        assertThat(flip(Serving.MOUNT, disk, SHARE)).isInstanceOf(Flip.Refused.class);
    }

    @Test
    void withoutAnUnderlayNothingIsKnown() {
        assertThat(look(DISK)).isEqualTo(Serving.ELSEWHERE);
        assertThat(look(DISK, SHARE, bound(4, "/server"))).isEqualTo(Serving.ELSEWHERE);
        assertThat(look(disk, SHARE, bound(4, "/server"), "5 2 0:50 /server /under/server rw - nfs4 filer:/wso2 rw\n"))
                .as("the bind spread into the underlay, so that the share would be taken for the replica")
                .isEqualTo(Serving.ELSEWHERE);
    }

    @Test
    void aFlipIsAskedForOnceAndSeenInTheTable() throws IOException {
        assertThat(flip(Serving.MOUNT, disk, SHARE)).isEqualTo(new Flip.Requested());
        assertThat(flip(Serving.MOUNT, disk, SHARE)).isEqualTo(new Flip.Requested());
        assertThat(helper.readLine()).isEqualTo("mount server");

        assertThat(flip(Serving.MOUNT, disk, SHARE, bound(4, "/server"))).isEqualTo(new Flip.AlreadyThere());
        assertThat(flip(Serving.REPLICA, disk, SHARE, bound(4, "/server"))).isEqualTo(new Flip.Requested());
        assertThat(helper.readLine()).isEqualTo("replica server");
    }

    @Test
    void aChangeOfMindIsAskedForAtOnce() throws IOException {
        flip(Serving.MOUNT, disk, SHARE);
        assertThat(flip(Serving.REPLICA, disk, SHARE, bound(4, "/server"))).isEqualTo(new Flip.Requested());

        assertThat(helper.readLine()).isEqualTo("mount server");
        assertThat(helper.readLine()).isEqualTo("replica server");
    }

    @Test
    void whatDoesNotHappenIsAskedForAgainAndTold() throws IOException {
        flip(Serving.MOUNT, disk, SHARE);
        now = now.plus(BoundLivePath.PATIENCE).minusMillis(1);
        assertThat(flip(Serving.MOUNT, disk, SHARE).problem()).isEmpty();
        now = now.plusMillis(1);

        assertThat(flip(Serving.MOUNT, disk, SHARE).problem())
                .hasValueSatisfying(
                        text -> assertThat(text).contains("asked to show the share", "journalctl -u lockstep-bind"));
        now = now.plus(Duration.ofSeconds(1));
        assertThat(flip(Serving.MOUNT, disk, SHARE)).isInstanceOf(Flip.Overdue.class);

        assertThat(helper.readLine()).isEqualTo("mount server");
        assertThat(helper.readLine()).isEqualTo("mount server");
        flip(Serving.REPLICA, disk, SHARE, bound(4, "/server"));
        assertThat(helper.readLine()).isEqualTo("replica server");
    }

    @Test
    void aHelperThatDoesNotRunIsAProblemAndNoHang() throws IOException {
        helper.close();

        assertThat(flip(Serving.MOUNT, disk, SHARE).problem())
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("lockstep-bind does not run", "ENXIO", "systemctl start lockstep-bind"));
        Files.delete(base.resolve("bind"));
        assertThat(flip(Serving.MOUNT, disk, SHARE).problem())
                .hasValueSatisfying(text -> assertThat(text).contains("does not run", "ENOENT"));
        Files.createFile(base.resolve("bind"));
        assertThat(flip(Serving.MOUNT, disk, SHARE).problem())
                .hasValueSatisfying(text -> assertThat(text).contains("is not a FIFO"));
        assertThat(base.resolve("bind")).isEmptyFile();
    }

    @Test
    void aHelperThatReadsNothingIsAProblemAndNoHang() {
        for (int i = 0;
                i < 20_000
                        && flip(side(i), disk, SHARE, i % 2 == 0 ? "" : bound(4, "/server"))
                                .problem()
                                .isEmpty();
                i++) {
            // Each asks for the other side, until the pipe is full.
        }

        assertThat(flip(side(0), disk, SHARE).problem())
                .hasValueSatisfying(text -> assertThat(text).contains("can't be asked", "EAGAIN"));
    }

    private static Serving side(int i) {
        return i % 2 == 0 ? Serving.MOUNT : Serving.REPLICA;
    }
}
