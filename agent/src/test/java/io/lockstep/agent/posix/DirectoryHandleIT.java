package io.lockstep.agent.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryHandleIT {
    @TempDir
    Path base;

    @SuppressWarnings("NullAway.Init")
    private DirectoryHandle directory;

    @BeforeEach
    void open() {
        directory = value(DirectoryHandle.open(base));
    }

    @AfterEach
    void close() {
        directory.close();
    }

    @Test
    void renameExchangesTwoEntries() throws IOException {
        Files.writeString(base.resolve("a"), "A");
        Files.writeString(base.resolve("b"), "B");

        assertThat(directory.rename(bytes("a"), directory, bytes("b"), DirectoryHandle.Existing.EXCHANGE))
                .isEqualTo(Errno.NONE);

        assertThat(base.resolve("a")).hasContent("B");
        assertThat(base.resolve("b")).hasContent("A");
        assertThat(directory.rename(bytes("a"), directory, bytes("c"), DirectoryHandle.Existing.EXCHANGE))
                .isEqualTo(Errno.ENOENT);
    }

    @Test
    void renameRefusesToReplaceWhenToldSo() throws IOException {
        Files.writeString(base.resolve("a"), "A");
        Files.writeString(base.resolve("b"), "B");

        assertThat(directory.rename(bytes("a"), directory, bytes("b"), DirectoryHandle.Existing.REFUSE))
                .isEqualTo(Errno.EEXIST);
        assertThat(directory.rename(bytes("a"), directory, bytes("b"), DirectoryHandle.Existing.REPLACE))
                .isEqualTo(Errno.NONE);

        assertThat(base.resolve("b")).hasContent("A");
    }

    @Test
    void aFileIsCreatedWrittenAndStampedExactly() throws IOException {
        try (var file = value(directory.createFile(bytes("new\n"), 0640));
                var content = new NativeBuffer(16);
                var stat = new StatBuffer()) {
            content.bytes().put(bytes("content"));
            assertThat(file.write(content, 7)).isEqualTo(Errno.NONE);
            assertThat(file.setMode(0604)).isEqualTo(Errno.NONE);
            assertThat(file.setModificationTime(1_234_567_890_123_456_789L)).isEqualTo(Errno.NONE);
            assertThat(file.sync()).isEqualTo(Errno.NONE);
            assertThat(file.stat(stat)).isZero();
            assertThat(stat.mode()).isEqualTo(0604);
            assertThat(stat.sizeBytes()).isEqualTo(7);
            assertThat(stat.mtimeNanos()).isEqualTo(1_234_567_890_123_456_789L);
            assertThat(stat.type()).isEqualTo(EntryType.FILE);
        }
        assertThat(directory.sync()).isEqualTo(Errno.NONE);
        assertThat(base.resolve("new\n")).hasContent("content");
        assertThat(failure(directory.createFile(bytes("new\n"), 0600))).isEqualTo(Errno.EEXIST);
    }

    @Test
    void aTimeBefore1970IsSetByNameToTheNanosecond() throws IOException {
        Files.writeString(base.resolve("old"), "");

        assertThat(directory.setModificationTime(bytes("old"), -1)).isEqualTo(Errno.NONE);

        try (var stat = new StatBuffer()) {
            assertThat(directory.stat(bytes("old"), stat)).isZero();
            assertThat(stat.mtimeNanos()).isEqualTo(-1);
        }
    }

    @Test
    void aLinkIsNeverFollowed() throws IOException {
        var outside = Files.createDirectory(base.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "s");
        Files.setPosixFilePermissions(outside.resolve("secret"), PosixFilePermissions.fromString("rw-------"));
        Files.createSymbolicLink(base.resolve("dir"), outside);
        Files.createSymbolicLink(base.resolve("file"), outside.resolve("secret"));

        assertThat(failure(directory.openDirectory(bytes("dir")))).isEqualTo(Errno.ENOTDIR);
        assertThat(failure(directory.openDirectory(EntryPath.of("dir/x")))).isEqualTo(Errno.ENOTDIR);
        assertThat(failure(directory.openFile(bytes("file")))).isEqualTo(Errno.ELOOP);
        assertThat(failure(directory.createFile(bytes("file"), 0600))).isEqualTo(Errno.EEXIST);
        assertThat(directory.setMode(bytes("file"), 0777)).isEqualTo(Errno.ELOOP);
        assertThat(directory.setModificationTime(bytes("file"), 5)).isEqualTo(Errno.NONE);
        assertThat(Files.getLastModifiedTime(outside.resolve("secret")).toMillis())
                .isGreaterThan(0);
        try (var stat = new StatBuffer()) {
            assertThat(directory.stat(bytes("file"), stat)).isZero();
            assertThat(stat.type()).isEqualTo(EntryType.SYMLINK);
        }
        assertThat(directory.removeFile(bytes("file"))).isEqualTo(Errno.NONE);
        assertThat(outside.resolve("secret")).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "/", "a\0b"})
    void aNameThatIsMoreThanOneStepDownIsRefused(String name) {
        assertThatThrownBy(() -> directory.makeDirectory(bytes(name), 0755))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void directoriesAreMadeLinkedIntoAndRemoved() throws IOException {
        Files.writeString(base.resolve("f"), "F");
        assertThat(directory.makeDirectory(bytes("d"), 0700)).isEqualTo(Errno.NONE);
        try (var below = value(directory.openDirectory(EntryPath.of("d")))) {
            assertThat(directory.link(bytes("f"), below, bytes("g"))).isEqualTo(Errno.NONE);
            assertThat(directory.link(bytes("f"), below, bytes("g"))).isEqualTo(Errno.EEXIST);
            assertThat(directory.removeDirectory(bytes("d"))).isEqualTo(Errno.ENOTEMPTY);
            assertThat(below.removeFile(bytes("g"))).isEqualTo(Errno.NONE);
        }
        assertThat(directory.removeDirectory(bytes("d"))).isEqualTo(Errno.NONE);
    }

    @Test
    void namesAreReadAsTheBytesThatTheyAre() {
        var wild = new byte[] {'a', (byte) 0xff, '\n', (byte) 0xc3};
        var longest = new byte[255];
        Arrays.fill(longest, (byte) 'x');
        List<byte[]> names = List.of(wild, longest, bytes("a"), bytes("..."), bytes("1234567"), bytes("12345678"));
        names.forEach(name -> assertThat(directory.makeDirectory(name, 0755)).isEqualTo(Errno.NONE));

        var read = new ArrayList<byte[]>();
        try (var buffer = new NameBuffer()) {
            while (directory.readNames(buffer) > 0) {
                while (buffer.next()) {
                    read.add(buffer.name());
                }
            }
        }
        assertThat(read).containsExactlyInAnyOrderElementsOf(names);
    }

    @Test
    void aRootWithOddCharactersInItsPathIsOpened() throws IOException {
        var odd = Files.createDirectory(base.resolve("a b%20+é"));
        Files.writeString(odd.resolve("f"), "");

        try (var opened = value(DirectoryHandle.open(odd));
                var stat = new StatBuffer()) {
            assertThat(opened.stat(bytes("f"), stat)).isZero();
        }
    }

    @Test
    void aChildProcessInheritsNoHandle() throws IOException, InterruptedException {
        Files.writeString(base.resolve("held"), "x");
        try (var held = value(directory.openFile(bytes("held")))) {
            var child = new ProcessBuilder("ls", "-l", "/proc/self/fd")
                    .redirectErrorStream(true)
                    .start();
            var listing = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(listing).doesNotContain(base.toString());
            assertThat(held.sync()).isEqualTo(Errno.NONE);
        }
    }

    @Test
    void aClosedHandleIsNotUsedAgain() {
        directory.close();
        directory.close();

        assertThatThrownBy(directory::sync).isInstanceOf(IllegalStateException.class);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static <T> T value(Attempt<T> attempt) {
        if (attempt instanceof Attempt.Done<T> done) {
            return done.value();
        }
        throw new AssertionError("refused: " + attempt);
    }

    private static <T> Errno failure(Attempt<T> attempt) {
        if (attempt instanceof Attempt.Failed<T> failed) {
            return failed.errno();
        }
        throw new AssertionError("not refused: " + attempt);
    }
}
