package io.lockstep.agent.mountio;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Starts children as Java processes of the Java that this process runs on. Such a child has three pipes and nothing else
 * of this process: no socket and no file of it is open there (the JDK closes all other descriptors between fork and
 * exec). It runs in {@code /}, so that it holds no directory that somebody wants to unmount.
 */
public final class JavaChild implements ChildProcess.Starter {
    /**
     * Small, since it does little: a heap that starts small, grows in small steps and shrinks; compilers that keep to
     * small methods, because compiling one large one takes 20 MB for a moment, which the C library then keeps. Never
     * {@code -XX:TieredStopAtLevel=1}: without the second compiler SHA-256 is 20 times slower.
     */
    private static final List<String> SMALL = List.of(
            "-XX:+UseSerialGC",
            "-Xms6m",
            "-XX:NewSize=1m",
            "-XX:MaxNewSize=1m",
            "-XX:MinHeapFreeRatio=5",
            "-XX:MaxHeapFreeRatio=15",
            "-XX:ReservedCodeCacheSize=24m",
            // In this order, since each is held against the other.
            "-XX:NodeLimitFudgeFactor=1600",
            "-XX:MaxNodeLimit=6000",
            "-XX:C1MaxInlineLevel=2",
            "-XX:C1MaxInlineSize=20",
            "-XX:-UsePerfData",
            "-Xshare:auto",
            // The JDK's own classes then lie in pages that all its processes share.
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:ArchiveRelocationMode=0",
            "-Djava.system.class.loader=" + ChildClassLoader.class.getName(),
            // It warns of the class loader.
            "-XX:-PrintWarnings",
            "-XX:+ExitOnOutOfMemoryError",
            // What the JVM itself has to say must not get between the frames, and not into files in the root directory.
            "-XX:+DisplayVMOutputToStderr",
            "-Xlog:disable",
            "-Xlog:all=error:stderr",
            "-XX:+ErrorFileToStderr",
            // A JVM that lacks one of these does without.
            "-XX:+IgnoreUnrecognizedVMOptions");

    /** What is handed on, besides {@code LC_*}, and {@code LOCKSTEP_*}, by which leftovers of a test run are found. */
    private static final Set<String> HANDED_ON =
            Set.of("PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR");

    private static final File ROOT = new File("/");

    private final List<String> command;

    /**
     * A starter of one program.
     *
     * @param main the class with the main method
     * @param name its argument, so that a list of processes tells whose it is
     * @param classes whose places make up the class path: one of each library that the child uses, so that no other is
     *     opened
     */
    public JavaChild(Class<?> main, String name, List<Class<?>> classes) {
        var words = new ArrayList<String>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(SMALL);
        // A write needs what the agent itself needs for a manifest; a child that has written is replaced.
        words.add("-Xmx" + Runtime.getRuntime().maxMemory() / (1 << 20) + "m");
        for (var property : List.of("file.encoding", "sun.jnu.encoding", "java.io.tmpdir")) {
            words.add("-D" + property + "=" + System.getProperty(property));
        }
        System.getProperties().stringPropertyNames().stream()
                .filter(property -> property.startsWith("jna."))
                .sorted()
                .forEach(property -> words.add("-D" + property + "=" + System.getProperty(property)));
        if (Runtime.version().feature() >= 22) {
            words.add("--enable-native-access=ALL-UNNAMED");
        }
        words.addAll(List.of("-cp", classPath(classes), main.getName(), name));
        command = List.copyOf(words);
    }

    private static String classPath(List<Class<?>> classes) {
        var places = classes.stream().map(JavaChild::placeOf).distinct().toList();
        return String.join(File.pathSeparator, places);
    }

    private static String placeOf(Class<?> type) {
        try {
            // The child runs in another directory.
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toAbsolutePath()
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the place of " + type + " is no URI", e);
        }
    }

    @Override
    public ChildProcess start() throws IOException {
        var builder = new ProcessBuilder(command).directory(ROOT);
        restrict(builder.environment());
        return new Started(builder.start());
    }

    static void restrict(Map<String, String> environment) {
        environment
                .keySet()
                .removeIf(
                        name -> !HANDED_ON.contains(name) && !name.startsWith("LC_") && !name.startsWith("LOCKSTEP_"));
        // Each arena of the C library that threads spread over keeps memory of its own.
        environment.put("MALLOC_ARENA_MAX", "1");
    }

    /** A process of the JDK's. */
    private record Started(Process process) implements ChildProcess {
        @Override
        public OutputStream input() {
            return process.getOutputStream();
        }

        @Override
        public InputStream output() {
            return process.getInputStream();
        }

        @Override
        public InputStream errors() {
            return process.getErrorStream();
        }

        @Override
        public long pid() {
            return process.pid();
        }

        @Override
        public void kill() {
            process.destroyForcibly();
        }

        @Override
        public CompletableFuture<String> ended() {
            return process.onExit().thenApply(Started::describe);
        }

        private static String describe(Process ended) {
            int code = ended.exitValue();
            // 128 and more: by a signal (the JDK's own convention, as a shell's).
            return code > 128 ? "signal " + (code - 128) : "exit code " + code;
        }
    }
}
