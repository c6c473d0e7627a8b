package io.lockstep.agent.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether somebody is writing, asked by a lease. Two of the file systems need root and their mkfs program. */
class WritersIT {
    private static final int NOBODY = 65534;
    private static final byte[] NAME = "api.xml".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path base;

    /** A file on a file system of this kind. */
    private interface OnFile {
        void run(Path file) throws Exception;
    }

    /** Runs on a new file system of this kind, and skips with a message where there is none to be had. */
    private void on(String fileSystem, OnFile test) throws Exception {
        if (fileSystem.equals("where the tests are")) {
            test.run(Files.writeString(base.resolve("api.xml"), "<api/>"));
            return;
        }
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can mount " + fileSystem);
        var mount = Files.createDirectory(base.resolve("mount"));
        if (fileSystem.equals("tmpfs")) {
            assumeTrue(done("mount", "-t", "tmpfs", "-o", "size=1m", "lockstep", mount.toString()), "no tmpfs here");
        } else {
            var image = base.resolve("image").toString();
            // The smallest that mkfs.xfs makes; the image is sparse.
            assumeTrue(done("truncate", "-s", "320M", image), "no image can be made");
            assumeTrue(done("mkfs." + fileSystem, "-q", image), "no mkfs." + fileSystem + " here");
            assumeTrue(done("mount", "-o", "loop", image, mount.toString()), "no " + fileSystem + " here");
        }
        try {
            test.run(Files.writeString(mount.resolve("api.xml"), "<api/>"));
        } finally {
            assertThat(done("umount", mount.toString())).isTrue();
        }
    }

    private static boolean done(String... command) throws InterruptedException {
        try {
            var process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException notThere) {
            return false;
        }
    }

    private static Writers ask(Path file) {
        var parent = DirectoryHandle.open(Optional.ofNullable(file.getParent()).orElseThrow());
        try (var directory = ((Attempt.Done<DirectoryHandle>) parent).value();
                var open = ((Attempt.Done<FileHandle>) directory.openFile(NAME)).value()) {
            return open.writers();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"where the tests are", "tmpfs", "ext4", "xfs"})
    void aFileIsFreeExactlyWhileNobodyHasItOpenForWriting(String fileSystem) throws Exception {
        on(fileSystem, file -> {
            assertThat(ask(file)).isEqualTo(new Writers.None());
            try (var writer = FileChannel.open(file, StandardOpenOption.WRITE)) {
                assertThat(ask(file)).isEqualTo(new Writers.Some());
                assertThat(writer.write(ByteBuffer.wrap(NAME))).isPositive();
            }
            assertThat(ask(file)).isEqualTo(new Writers.None());
            try (var reader = FileChannel.open(file, StandardOpenOption.READ)) {
                assertThat(ask(file)).as("a reader is no writer").isEqualTo(new Writers.None());
                assertThat(reader.isOpen()).isTrue();
            }
            var process = new WritingProcess(file);
            try {
                process.awaitOpen();
                assertThat(ask(file)).as("another process writes").isEqualTo(new Writers.Some());
            } finally {
                process.end();
            }
            assertThat(ask(file)).isEqualTo(new Writers.None());
        });
    }

    /** A shell that has the file open for appending until it is told to end. */
    private static final class WritingProcess {
        private final Process process;

        WritingProcess(Path file) throws IOException {
            process = new ProcessBuilder("sh", "-c", "exec 3>>\"$1\"; echo open; read -r end", "sh", file.toString())
                    .start();
        }

        void awaitOpen() throws IOException {
            var line = new byte[5];
            assertThat(process.getInputStream().readNBytes(line, 0, line.length))
                    .isEqualTo(line.length);
        }

        void end() throws InterruptedException, IOException {
            process.getOutputStream().close();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aFileOfAnotherUserCannotBeAsked() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can become another user");
        var file = Files.writeString(base.resolve("api.xml"), "<api/>");

        var answer = new AtomicReference<@Nullable Writers>();
        var thread = new Thread(() -> {
            // The system call itself changes this thread alone, and takes all of root's capabilities from it.
            long setresuid = Platform.ARCH.equals("aarch64") ? 147 : 117;
            Function.getFunction("c", "syscall").invokeLong(new Object[] {setresuid, NOBODY, NOBODY, NOBODY});
            answer.set(ask(file));
        });
        // The directory is root's own by default.
        assertThat(done("chmod", "755", base.toString())).isTrue();
        thread.start();
        thread.join();

        assertThat(answer.get()).isEqualTo(new Writers.NotAskable(Errno.EACCES));
    }

    @Test
    void aFileSystemWithoutLeasesCannotBeAsked() {
        var proc = DirectoryHandle.open(Path.of("/proc/self"));
        try (var directory = ((Attempt.Done<DirectoryHandle>) proc).value();
                var file = ((Attempt.Done<FileHandle>) directory.openFile("stat".getBytes(StandardCharsets.UTF_8)))
                        .value()) {
            assertThat(file.writers()).isInstanceOfAny(Writers.NotAskable.class, Writers.None.class);
        }
    }

    @Test
    void aWriterThatComesInBetweenIsServedAndEndsNobody() throws Exception {
        var file = Files.writeString(base.resolve("api.xml"), "");
        var asking = new AtomicBoolean(true);
        var asker = new Thread(() -> {
            while (asking.get()) {
                ask(file);
            }
        });
        asker.start();
        try {
            // Many of these opens fall between the taking and the dropping of a lease. The signal's default action for
            // a lease's holder would end this JVM.
            for (int i = 0; i < 20_000; i++) {
                Files.writeString(file, ".", StandardOpenOption.APPEND);
            }
        } finally {
            asking.set(false);
            asker.join();
        }
        assertThat(file).hasSize(20_000);
    }

    @Test
    void readsAtAnyPosition() throws Exception {
        Files.writeString(base.resolve("api.xml"), "0123456789");
        try (var directory = ((Attempt.Done<DirectoryHandle>) DirectoryHandle.open(base)).value();
                var file = ((Attempt.Done<FileHandle>) directory.openFile(NAME)).value();
                var buffer = new NativeBuffer(4)) {
            assertThat(file.readAt(8, buffer, 4)).isEqualTo(2);
            assertThat(buffer.bytes().get(0)).isEqualTo((byte) '8');
            assertThat(file.readAt(20, buffer, 4)).isZero();
            assertThat(file.read(buffer, 4)).isEqualTo(4);
            assertThat(buffer.bytes().get(0)).isEqualTo((byte) '0');
            assertThat(file.readAt(-1, buffer, 4)).isEqualTo(-Errno.EINVAL.number());
        }
    }
}
