package io.lockstep.agent.faulty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lockstep.agent.faulty.Fault.Kind;
import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.DirectoryHandle;
import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.posix.NativeBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The faulty mounts fail exactly as they are told to, and are an ordinary file system otherwise. */
class FaultyMountsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long NANOS = 1_600_000_000_123_456_789L;

    @TempDir
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private FaultyMounts mounts;

    @SuppressWarnings("NullAway.Init")
    private Path mount;

    @BeforeEach
    void mount() throws IOException {
        FaultyMounts.assumeAvailable();
        mounts = FaultyMounts.start(directory);
        mount = mounts.mount("a");
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        mounts.close();
        assertThat(MountTable.below(directory)).isEmpty();
        assertThat(ProcessHandle.of(mounts.pid()).filter(ProcessHandle::isAlive))
                .isEmpty();
    }

    @Test
    void withoutAFaultItIsTheDirectoryBehindIt() throws Exception {
        var apis = Files.createDirectories(mount.resolve("apis"));
        Files.writeString(apis.resolve("a.xml"), "<a/>");
        Files.createSymbolicLink(apis.resolve("link"), Path.of("a.xml"));
        Files.setPosixFilePermissions(apis.resolve("a.xml"), PosixFilePermissions.fromString("rw-r-x---"));
        try (var handle = open(apis)) {
            assertThat(handle.setModificationTime(bytes("a.xml"), NANOS)).isEqualTo(Errno.NONE);
            assertThat(handle.sync()).isEqualTo(Errno.NONE);
            assertThat(handle.rename(bytes("a.xml"), handle, bytes("link"), DirectoryHandle.Existing.EXCHANGE))
                    .as("an older FUSE knows no exchange, as GlusterFS")
                    .isEqualTo(Errno.EINVAL);
        }
        Files.writeString(apis.resolve("b.xml"), "0123456789");
        Files.writeString(apis.resolve("b.xml"), "shorter", StandardOpenOption.TRUNCATE_EXISTING);
        Files.writeString(apis.resolve("b.xml"), "+", StandardOpenOption.APPEND);
        Files.move(apis.resolve("b.xml"), apis.resolve("c.xml"));
        Files.writeString(apis.resolve("gone.xml"), "");
        Files.delete(apis.resolve("gone.xml"));

        var behind = mounts.backing().resolve("apis");
        for (var place : new Path[] {apis, behind}) {
            assertThat(names(place)).containsExactlyInAnyOrder("a.xml", "c.xml", "link");
            assertThat(place.resolve("c.xml")).hasContent("shorter+");
            assertThat(place.resolve("a.xml")).hasContent("<a/>");
            assertThat(Files.readSymbolicLink(place.resolve("link"))).hasToString("a.xml");
            assertThat(Files.getLastModifiedTime(place.resolve("a.xml")))
                    .isEqualTo(FileTime.from(NANOS, TimeUnit.NANOSECONDS));
            assertThat(Files.getPosixFilePermissions(place.resolve("a.xml")))
                    .isEqualTo(PosixFilePermissions.fromString("rw-r-x---"));
        }
        for (var attribute : new String[] {"unix:ino", "unix:ctime", "unix:mode", "unix:nlink"}) {
            assertThat(Files.getAttribute(apis, attribute, LinkOption.NOFOLLOW_LINKS))
                    .isEqualTo(Files.getAttribute(behind, attribute));
        }
        assertThat(Files.getFileStore(mount).type()).isEqualTo("fuse." + FaultyDaemon.SUBTYPE);
        assertThat(Files.getFileStore(mount).getTotalSpace())
                .isEqualTo(Files.getFileStore(mounts.backing()).getTotalSpace());
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"HANG", "DELAY", "TRUNCATE"})
    void everyOperationAnswersTheErrorUntilItIsCleared(Kind kind) throws Exception {
        Files.createDirectories(mount.resolve("directory"));
        write(mount.resolve("file"), "content");
        for (var operation : Operation.values()) {
            mounts.fault("a", Fault.of(kind, operation));
            assertThat(errno(operation)).as(operation.name()).isEqualTo(kind.errno());
            mounts.clear("a");
        }
        assertThat(names(mount)).containsExactlyInAnyOrder("directory", "file");
        assertThat(mount.resolve("file")).hasContent("content");
        assertThat(mounts.struck("a")).isGreaterThanOrEqualTo(Operation.values().length);
    }

    /** Tries the operation, and no other than that and a look at names; 0 when it was done. */
    private int errno(Operation operation) {
        try (var file = new NativeBuffer(16)) {
            return switch (operation) {
                case STAT -> failure(DirectoryHandle.open(mount.resolve("directory")));
                case READDIR -> failure(DirectoryHandle.open(mount));
                case STATFS -> onMount(directory -> failure(directory.space()));
                case OPEN -> onMount(directory -> failure(directory.openFile(bytes("file"))));
                case READ ->
                    onMount(directory -> {
                        try (var handle = value(directory.openFile(bytes("file")))) {
                            return -handle.read(file, 16);
                        }
                    });
                case OPEN_FOR_WRITE -> onMount(directory -> failure(directory.openOrCreateFile(bytes("file"), 0644)));
                case WRITE ->
                    onMount(directory -> {
                        try (var handle = value(directory.openOrCreateFile(bytes("file"), 0644))) {
                            return handle.write(file, 16).number();
                        }
                    });
                case FSYNC -> onMount(directory -> directory.sync().number());
                case RENAME ->
                    onMount(directory -> directory
                            .rename(bytes("file"), directory, bytes("other"), DirectoryHandle.Existing.REPLACE)
                            .number());
                case CREATE -> onMount(directory -> failure(directory.createFile(bytes("new"), 0644)));
                case UNLINK ->
                    onMount(directory -> directory.removeFile(bytes("file")).number());
                case SETATTR ->
                    onMount(directory -> directory.setMode(bytes("file"), 0600).number());
            };
        }
    }

    private int onMount(ToIntFunction<DirectoryHandle> call) {
        try (var directory = open(mount)) {
            return call.applyAsInt(directory);
        }
    }

    private static int failure(Attempt<?> attempt) {
        return attempt instanceof Attempt.Failed<?> failed ? failed.errno().number() : 0;
    }

    @Test
    void aReadHangsWhileAStatAnswersUntilItIsCleared() throws Exception {
        write(mount.resolve("file"), "content");
        mounts.fault("a", Fault.of(Kind.HANG, Operation.READ));

        assertThat(Files.size(mount.resolve("file"))).isEqualTo(7);
        var cat = start("cat", mount.resolve("file").toString());
        awaitHanging(1);
        assertThat(cat.isAlive()).isTrue();

        mounts.clear("a");
        assertThat(cat.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(cat.exitValue()).isZero();
        awaitHanging(0);
    }

    @Test
    void aFaultBelowAPathLeavesTheRestAlone() throws Exception {
        Files.createDirectories(mount.resolve(".lockstep"));
        write(mount.resolve(".lockstep/cluster"), "id");
        write(mount.resolve("file"), "content");
        mounts.fault("a", Fault.of(Kind.EIO, Operation.ALL).below(".lockstep"));

        assertThat(mount.resolve("file")).hasContent("content");
        assertThatThrownBy(() -> Files.readString(mount.resolve(".lockstep/cluster")))
                .isInstanceOf(IOException.class);
        assertThat(names(mount)).contains(".lockstep");
    }

    @Test
    void aFaultOfOneMountIsNoneOfAnother() throws Exception {
        var other = mounts.mount("b");
        write(mount.resolve("file"), "content");
        mounts.fault("a", Fault.of(Kind.HANG, Operation.ALL));

        assertThat(other.resolve("file")).hasContent("content");
        write(other.resolve("file"), "changed");
        mounts.clear();
        assertThat(mount.resolve("file")).hasContent("changed");
    }

    @Test
    void aForcedUnmountReleasesWhatHangs() throws Exception {
        write(mount.resolve("file"), "content");
        mounts.fault("a", Fault.of(Kind.HANG, Operation.ALL));
        var cat = start("cat", mount.resolve("file").toString());
        awaitHanging(1);

        mounts.unmountByForce("a");

        assertThat(cat.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(cat.exitValue()).isNotZero();
        assertThat(names(mount)).as("what the mount had covered").isEmpty();
        mounts.mount("a");
        assertThat(mount.resolve("file")).hasContent("content");
    }

    @Test
    void aKilledDaemonReleasesWhatHangs() throws Exception {
        write(mount.resolve("file"), "content");
        mounts.fault("a", Fault.of(Kind.HANG, Operation.READ));
        var cat = start("cat", mount.resolve("file").toString());
        awaitHanging(1);

        mounts.killDaemon();

        assertThat(cat.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(cat.exitValue()).isNotZero();
        assertThat(DirectoryHandle.open(mount))
                .isInstanceOfSatisfying(
                        Attempt.Failed.class,
                        failed -> assertThat(failed.errno()).isEqualTo(Errno.ENOTCONN));
    }

    @Test
    void closingReleasesWhatHangs() throws Exception {
        write(mount.resolve("file"), "content");
        mounts.fault("a", Fault.of(Kind.HANG, Operation.READ));
        var cat = start("cat", mount.resolve("file").toString());
        awaitHanging(1);

        mounts.close();

        assertThat(cat.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aTruncatedFileEndsAtItsHalf() throws Exception {
        write(mount.resolve("file"), "0123456789");
        mounts.fault("a", Fault.of(Kind.TRUNCATE, Operation.READ));

        assertThat(mount.resolve("file")).hasContent("01234");
        assertThat(Files.size(mount.resolve("file"))).isEqualTo(10);
        mounts.clear("a");
        assertThat(mount.resolve("file")).hasContent("0123456789");
    }

    @Test
    void aStaleViewShowsItsOwnWritesAndNobodyElses() throws Exception {
        write(mount.resolve("file"), "before");
        var inode = Files.getAttribute(mount.resolve("file"), "unix:ino");
        var other = mounts.mount("b");
        mounts.makeStale("a");

        write(other.resolve("file"), "after");
        write(other.resolve("new"), "new");
        write(mount.resolve("own"), "own");

        assertThat(mount.resolve("file")).hasContent("before");
        assertThat(Files.getAttribute(mount.resolve("file"), "unix:ino")).isEqualTo(inode);
        assertThat(names(mount)).containsExactlyInAnyOrder("file", "own");
        assertThat(mount.resolve("own")).hasContent("own");
        assertThat(other.resolve("own")).hasContent("own");
        mounts.clear("a");
        assertThat(mount.resolve("file")).hasContent("after");
        assertThat(names(mount)).containsExactlyInAnyOrder("file", "own", "new");
    }

    @Test
    void anUnmountShowsWhatWasCovered() throws Exception {
        var covered = Files.createDirectories(directory.resolve("elsewhere"));
        Files.writeString(covered.resolve("beneath"), "");
        mounts.mount("b", covered);
        assertThat(names(covered)).isEmpty();

        mounts.unmount("b");
        assertThat(names(covered)).containsExactly("beneath");
    }

    private void awaitHanging(long count) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(mounts.waiting("a")).isEqualTo(count));
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
    }

    private static Set<String> names(Path directory) throws IOException {
        try (var list = Files.list(directory)) {
            return Set.copyOf(list.map(path -> path.getFileName().toString()).toList());
        }
    }

    private static Process start(String... command) throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static DirectoryHandle open(Path path) {
        return value(DirectoryHandle.open(path));
    }

    private static <T> T value(Attempt<T> attempt) {
        return ((Attempt.Done<T>) attempt).value();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
