package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.DirectoryHandle;
import io.lockstep.agent.scan.ScanOutcome;
import io.lockstep.agent.scan.ScanRequest;
import io.lockstep.agent.scan.TreeScanner;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.digest.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Looks at a tree's entries with raw names and times in ns, which {@link Files} can't tell. */
final class SeenTree {
    private SeenTree() {}

    /** What an entry is. A directory's size and time are 0, for no generation says them. */
    record Entry(String type, int mode, long sizeBytes, long mtimeNanos, String digest) {}

    /** The entries that a Gateway's tree consists of, by their printable path; every file is read. */
    static Map<String, Entry> look(Path root) {
        var outcome = new TreeScanner(TreeFilter.gatewayDefault()).scan(ScanRequest.of(root, 0));
        assertThat(outcome).as("a scan of " + root).isInstanceOf(ScanOutcome.Scanned.class);
        var seen = new TreeMap<String, Entry>();
        for (var finding : ((ScanOutcome.Scanned) outcome).inventory().findings()) {
            if (finding instanceof Finding.RegularFile file) {
                seen.put(
                        file.path().toString(),
                        new Entry(
                                "file",
                                file.mode(),
                                file.stamp().sizeBytes(),
                                file.stamp().mtimeNanos(),
                                file.digest().toString()));
            } else if (finding instanceof Finding.Directory directory) {
                seen.put(directory.path().toString(), new Entry("directory", directory.mode(), 0, 0, ""));
            } else if (!(finding instanceof Finding.Reported)) {
                seen.put(finding.path().toString(), new Entry(finding.toString(), 0, 0, 0, ""));
            }
        }
        return seen;
    }

    /** Fails naming the first paths that differ: a whole tree in a message is of no use. */
    static void assertSame(String what, Map<String, Entry> seen, Map<String, Entry> expected) {
        var different = new TreeMap<String, String>();
        expected.forEach((path, entry) -> {
            var other = seen.get(path);
            if (!entry.equals(other)) {
                different.put(path, entry + " is " + other);
            }
        });
        seen.forEach((path, entry) -> {
            if (!expected.containsKey(path)) {
                different.put(path, "is there: " + entry);
            }
        });
        assertThat(different.entrySet().stream().limit(10))
                .as("%s: %d of %d paths differ", what, different.size(), expected.size())
                .isEmpty();
    }

    /** Gives a file of this content and time a name of any bytes, in one step. */
    static void write(Path directory, byte[] name, byte[] content, long mtimeNanos) throws IOException {
        var part = Files.write(directory.resolve(".part"), content);
        try (var handle = open(directory)) {
            var partName = part.getFileName().toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
            require(handle.setModificationTime(partName, mtimeNanos).isNone());
            require(handle.rename(partName, handle, name, DirectoryHandle.Existing.REPLACE)
                    .isNone());
        }
    }

    private static void require(boolean done) throws IOException {
        if (!done) {
            throw new IOException("the operating system refused to prepare the test's tree");
        }
    }

    private static DirectoryHandle open(Path directory) throws IOException {
        if (DirectoryHandle.open(directory) instanceof Attempt.Done<DirectoryHandle> done) {
            return done.value();
        }
        throw new IOException(directory + " can't be opened");
    }

    /** As it stands in a key of {@link #look}. */
    static String printable(byte[] name) {
        return EntryPath.ofBytes(name).toString();
    }

    /** Runs a program of the operating system, for what Java can't do with every name and time. */
    static void run(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
    }
}
