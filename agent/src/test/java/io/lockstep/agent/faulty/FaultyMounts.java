package io.lockstep.agent.faulty;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Real mounts that fail on command: FUSE file systems over one backing directory, as clients of one server, served by a
 * process of their own.
 *
 * <pre>
 * FaultyMounts.assumeAvailable();
 * try (var mounts = FaultyMounts.start(directory)) {
 *     var mount = mounts.mount("node1");                                     // directory/mnt/node1
 *     mounts.fault("node1", Fault.of(Fault.Kind.HANG, Operation.READ));      // a stat answers, a read hangs
 *     mounts.fault("node1", Fault.of(Fault.Kind.EIO, Operation.ALL).below(".lockstep"));
 *     mounts.clear("node1");                                                 // what hung goes on
 * }
 * </pre>
 *
 * A test must not touch a mount that hangs by itself: look at {@link #backing} instead, or at the mount from a process
 * that may be given up. One thread at a time.
 */
public final class FaultyMounts implements AutoCloseable {
    private static final Path DEVICE = Path.of("/dev/fuse");
    private static final int PATIENCE_SECONDS = 30;

    private final Path directory;
    private final Path backing;
    private final Map<String, Mounted> mounts = new TreeMap<>();
    private Process daemon;
    private PrintStream commands;
    private BufferedReader answers;

    private record Mounted(Path point, Path shown) {}

    private FaultyMounts(Path directory, Path backing, Process daemon) {
        this.directory = directory;
        this.backing = backing;
        this.daemon = daemon;
        commands = commands(daemon);
        answers = answers(daemon);
    }

    private static PrintStream commands(Process daemon) {
        return new PrintStream(daemon.getOutputStream(), true, StandardCharsets.UTF_8);
    }

    private static BufferedReader answers(Process daemon) {
        return new BufferedReader(new InputStreamReader(daemon.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Why this machine can't have such mounts; empty when it can. */
    public static Optional<String> unavailable() {
        if (!Files.isReadable(DEVICE) || !Files.isWritable(DEVICE)) {
            return Optional.of("there is no " + DEVICE + " that may be used");
        }
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("only root may mount, and unmount what hangs");
        }
        try (Stream<Path> libraries =
                Files.find(Path.of("/usr/lib"), 3, (path, kind) -> path.endsWith("libfuse.so.2"))) {
            return libraries.findAny().isPresent() || Files.exists(Path.of("/lib/libfuse.so.2"))
                    ? Optional.empty()
                    : Optional.of("libfuse.so.2 is not installed (Debian: apt-get install libfuse2)");
        } catch (IOException | UncheckedIOException e) {
            return Optional.of("it can't be told whether libfuse.so.2 is installed: " + e);
        }
    }

    /** Skips the test on a machine that can't have such mounts. */
    public static void assumeAvailable() {
        var why = unavailable();
        assumeTrue(why.isEmpty(), () -> "no FUSE mounts here: " + why.orElseThrow());
    }

    /** Starts the serving process. What the mounts show lies in {@code directory/export}, which is made if need be. */
    public static FaultyMounts start(Path directory) throws IOException {
        return start(directory, directory.resolve("export"));
    }

    /** The same over a directory of one's own. */
    public static FaultyMounts start(Path directory, Path backing) throws IOException {
        Files.createDirectories(directory);
        Files.createDirectories(backing);
        return new FaultyMounts(directory, backing, launch(directory));
    }

    private static Process launch(Path directory) throws IOException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var command = new ArrayList<>(List.of(java, "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-Dfile.encoding=UTF-8", "-Dsun.jnu.encoding=UTF-8"));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), FaultyDaemon.class.getName()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log(directory).toFile()))
                .start();
    }

    /** The directory behind all mounts, which never fails. */
    public Path backing() {
        return backing;
    }

    public long pid() {
        return daemon.pid();
    }

    /** Mounts at {@code directory/mnt/<name>}. */
    public Path mount(String name) throws IOException {
        return mount(name, directory.resolve("mnt").resolve(name));
    }

    /** Mounts at a directory of one's own, which is made if need be; what it holds is covered. */
    public Path mount(String name, Path mountpoint) throws IOException {
        return mount(name, mountpoint, backing);
    }

    /** Mounts another directory than the other mounts show: a wrong export. */
    public Path mount(String name, Path mountpoint, Path shown) throws IOException {
        Files.createDirectories(mountpoint);
        tell("mount", name, mountpoint.toString(), shown.toString(), source(shown));
        mounts.put(name, new Mounted(mountpoint, shown));
        return mountpoint;
    }

    /** What the mount table names as the source of a mount that shows {@code backing}. */
    public static String source(Path backing) {
        return "faulty:" + backing;
    }

    public Path mountpoint(String name) {
        return Optional.ofNullable(mounts.get(name)).orElseThrow().point();
    }

    /** Adds a fault to those that the mount has. */
    public void fault(String name, Fault fault) throws IOException {
        tell("fault", name, fault.text());
    }

    /** From now on the mount shows what is there now, and what is written through it, and nothing that others write. */
    public void makeStale(String name) throws IOException {
        tell("stale", name);
    }

    /** Ends the faults of one mount: what hangs goes on and is done. */
    public void clear(String name) throws IOException {
        tell("clear", name);
    }

    public void clear() throws IOException {
        for (var name : mounts.keySet()) {
            clear(name);
        }
    }

    /** How many calls hang. */
    public long waiting(String name) throws IOException {
        return Long.parseLong(tell("waiting", name).substring(3));
    }

    /** How many calls met a fault since the mount was made. */
    public long struck(String name) throws IOException {
        return Long.parseLong(tell("struck", name).substring(3));
    }

    /**
     * Unmounts as an operator does, who tries again while a probe is just looking and the mount is busy. Never while it
     * hangs: {@code umount} would hang itself.
     */
    public void unmount(String name) throws IOException {
        var mountpoint = mountpoint(name);
        await(mountpoint + " is unmounted")
                .atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> attempt("umount", mountpoint.toString()) == 0);
        gone(name, mountpoint);
    }

    /** Breaks the connection, which fails every call that hangs, and unmounts. */
    public void unmountByForce(String name) throws IOException {
        var mountpoint = mountpoint(name);
        // It breaks the connection and then still fails when something is open: the kernel's EBUSY.
        attempt("umount", "-f", "-c", mountpoint.toString());
        detach(mountpoint);
        gone(name, mountpoint);
    }

    private static void detach(Path mountpoint) throws IOException {
        if (MountTable.isMounted(mountpoint)) {
            run("umount", "-l", "-c", mountpoint.toString());
        }
    }

    private void gone(String name, Path mountpoint) throws IOException {
        if (MountTable.isMounted(mountpoint)) {
            throw new IOException(mountpoint + " is still mounted");
        }
        if (daemon.isAlive()) {
            tell("ended", name);
        }
        mounts.remove(name);
    }

    /** Ends the serving process, as a crash would: every call on a mount fails with {@code ENOTCONN}. */
    public void killDaemon() throws InterruptedException {
        daemon.destroyForcibly().waitFor();
    }

    /** After {@link #killDaemon}: unmounts what is dead, and mounts all of it anew. */
    public void mountAllAgain() throws IOException {
        daemon = launch(directory);
        commands = commands(daemon);
        answers = answers(daemon);
        for (var mount : Map.copyOf(mounts).entrySet()) {
            detach(mount.getValue().point());
            mount(mount.getKey(), mount.getValue().point(), mount.getValue().shown());
        }
    }

    /** Unmounts everything and ends the process; fails when something is left. */
    @Override
    public void close() throws IOException {
        try {
            commands.close();
            if (!daemon.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                daemon.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            daemon.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        for (var mount : mounts.values()) {
            detach(mount.point());
        }
        answers.close();
        var left = MountTable.below(directory);
        if (!left.isEmpty()) {
            throw new IOException("still mounted: " + left);
        }
    }

    private String tell(String... fields) throws IOException {
        commands.println(String.join("\t", fields));
        var answer = CompletableFuture.supplyAsync(() -> {
            try {
                return Optional.ofNullable(answers.readLine());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try {
            var line = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS).orElse("failed: the serving process has ended");
            if (!line.startsWith("ok")) {
                throw new IOException(String.join(" ", fields) + ": " + line + " (" + log(directory) + ")");
            }
            return line;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(String.join(" ", fields) + " was not answered (" + log(directory) + ")", e);
        }
    }

    private static Path log(Path directory) {
        return directory.resolve("faulty-daemon.log");
    }

    private static void run(String... command) throws IOException {
        int exitCode = attempt(command);
        if (exitCode != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + exitCode);
        }
    }

    private static int attempt(String... command) throws IOException {
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(String.join(" ", command) + " does not end");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
