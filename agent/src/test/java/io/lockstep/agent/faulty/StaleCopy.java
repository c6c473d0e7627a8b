package io.lockstep.agent.faulty;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A copy of a directory as it is now, with its times and modes. */
record StaleCopy(Path directory, Map<String, Long> inodes) {
    private static final int PATIENCE_SECONDS = 60;

    static StaleCopy of(Path original) throws IOException, InterruptedException {
        var copy = Files.createTempDirectory("lockstep-stale");
        run("cp", "-a", original + "/.", copy.toString());
        var inodes = new TreeMap<String, Long>();
        try (var paths = Files.walk(original)) {
            for (var path : (Iterable<Path>) paths::iterator) {
                var name = original.relativize(path).toString();
                var inode = (Long) Files.getAttribute(path, "unix:ino", java.nio.file.LinkOption.NOFOLLOW_LINKS);
                inodes.put("/" + name, inode);
            }
        }
        return new StaleCopy(copy, inodes);
    }

    void delete() throws IOException, InterruptedException {
        run("rm", "-rf", directory.toString());
    }

    private static void run(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        if (process.isAlive() || process.exitValue() != 0) {
            throw new IOException("failed: " + String.join(" ", command));
        }
    }
}
