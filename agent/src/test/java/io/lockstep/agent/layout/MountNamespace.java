package io.lockstep.agent.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.mount.MountTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Mounts of the test's own: a mount namespace as a host has it, with shared propagation, that ends with the test however
 * the test ends. What is mounted in it is seen through {@link #see}.
 */
final class MountNamespace implements AutoCloseable {
    static final int PATIENCE_SECONDS = 60;

    private final Process anchor;
    private final List<Process> started = new ArrayList<>();

    private MountNamespace(Process anchor) {
        this.anchor = anchor;
    }

    /** Skips the test where none can be had. */
    static MountNamespace create() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root may mount");
        // It reads from this process and so ends with it.
        var anchor = new ProcessBuilder("unshare", "--mount", "--propagation", "shared", "sh", "-c", "echo; exec cat")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        boolean isThere = anchor.getInputStream().read() == '\n';
        assumeTrue(isThere, "this machine gives no mount namespace (unshare --mount)");
        return new MountNamespace(anchor);
    }

    /** The path by which this process sees what {@code path} is in the namespace. */
    Path see(Path path) {
        return Path.of("/proc/" + anchor.pid() + "/root" + path);
    }

    MountTable mounts() throws IOException {
        var file = Path.of("/proc/" + anchor.pid() + "/mountinfo");
        return MountTable.parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    }

    /** The points at and below {@code directory}. */
    List<String> mountpoints(Path directory) throws IOException {
        return mounts().entries().stream()
                .map(entry -> entry.point())
                .filter(point -> Path.of(point).startsWith(directory))
                .toList();
    }

    private List<String> inside(String... command) {
        var all = new ArrayList<>(List.of("nsenter", "--target", String.valueOf(anchor.pid()), "--mount", "--"));
        all.addAll(Arrays.asList(command));
        return all;
    }

    void run(String... command) throws Exception {
        var process = new ProcessBuilder(inside(command)).inheritIO().start();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
    }

    /** Starts what is ended with the namespace. */
    Process start(Path log, String... command) throws IOException {
        var builder = new ProcessBuilder(inside(command)).redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        var process = builder.start();
        started.add(process);
        return process;
    }

    /** A share: a file system of its own, mounted where it is to be seen. */
    void mountTmpfs(Path point) throws Exception {
        run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", point.toString());
    }

    @Override
    public void close() throws Exception {
        for (var process : started) {
            process.destroyForcibly().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        anchor.destroyForcibly().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
