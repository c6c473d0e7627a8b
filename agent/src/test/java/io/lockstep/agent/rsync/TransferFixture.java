package io.lockstep.agent.rsync;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.ManifestEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A replica, a staging directory and the real rsync on both sides of a loopback connection. */
final class TransferFixture {
    static final TransferLimits LIMITS = new TransferLimits(Duration.ofSeconds(60), Duration.ofSeconds(20));
    static final EntryPath TREE = EntryPath.of("server");
    static final long MTIME_NANOS = 1_577_836_800_123_456_789L;

    final Path replica;
    final Path staging;
    final Path work;
    final RsyncPull pull;
    final RsyncServe serve;
    final StagedFiles staged;

    /** Both sides' outcomes. */
    record Outcomes(RsyncOutcome pulled, RsyncOutcome served) {}

    TransferFixture(Path directory) throws Exception {
        replica = Files.createDirectory(directory.resolve("replica"));
        staging = Files.createDirectory(directory.resolve("staging"));
        work = Files.createDirectory(directory.resolve("work"));
        var rsync = RsyncInstallation.probe("rsync");
        assertThat(rsync).as(rsync.message()).isInstanceOf(RsyncInstallation.Usable.class);
        pull = new RsyncPull((RsyncInstallation.Usable) rsync, work);
        serve = new RsyncServe((RsyncInstallation.Usable) rsync, work);
        staged = new StagedFiles(staging);
    }

    /** Writes a file into the replica and returns its entry. */
    ManifestEntry file(EntryPath path, byte[] content) throws IOException {
        var file = new RootedTree(replica).resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        Files.setLastModifiedTime(file, FileTime.from(MTIME_NANOS, TimeUnit.NANOSECONDS));
        return ManifestEntry.file(TREE.resolve(path), 0640, content.length, MTIME_NANOS, Digest.of(content));
    }

    ManifestEntry file(String path, String content) throws IOException {
        return file(EntryPath.of(path), content.getBytes(StandardCharsets.UTF_8));
    }

    Outcomes transfer(List<ManifestEntry> entries) throws Exception {
        return transfer(FileSet.ofEntries(entries), FileSet.ofEntries(entries), LIMITS);
    }

    Outcomes transfer(FileSet pulled, FileSet served, TransferLimits limits) throws Exception {
        var pair = Loopback.pair(true);
        var serving = CompletableFuture.supplyAsync(() -> serve.serve(served, replica, pair.server(), limits));
        var outcome = pull.pull(pulled, staging, pair.puller(), limits);
        return new Outcomes(outcome, serving.get(60, TimeUnit.SECONDS));
    }

    /** Those of the entries whose content is not in the staging directory. */
    List<ManifestEntry> notArrived(List<ManifestEntry> entries) throws IOException {
        var wrong = new ArrayList<ManifestEntry>();
        for (var entry : entries) {
            if (!staged.digest(inTree(entry)).equals(entry.digest())) {
                wrong.add(entry);
            }
        }
        return wrong;
    }

    static EntryPath inTree(ManifestEntry entry) {
        return entry.path().withoutFirst().orElseThrow();
    }

    Path stagedFile(ManifestEntry entry) {
        return new RootedTree(staging).resolve(inTree(entry));
    }

    /** All files under the staging directory, relative to it, escaped and sorted. */
    List<String> stagedNames() throws IOException {
        try (var walk = Files.walk(staging)) {
            var tree = new RootedTree(staging);
            return walk.filter(path -> !Files.isDirectory(path))
                    .map(path -> tree.entryAt(path).toString())
                    .sorted()
                    .toList();
        }
    }

    /** The processes of this fixture that still run: its work directory is their {@code HOME}. */
    List<String> processesLeft() throws IOException {
        var mark = "HOME=" + work + "\0";
        var left = new ArrayList<String>();
        for (var process : ProcessHandle.allProcesses().toList()) {
            try {
                var environment =
                        Files.readString(Path.of("/proc/" + process.pid() + "/environ"), StandardCharsets.ISO_8859_1);
                if (environment.contains(mark)) {
                    left.add(process.pid() + " " + process.info().command().orElse("?"));
                }
            } catch (IOException gone) {
                // A process that ended since it was listed, or another user's, is none of ours.
            }
        }
        return left;
    }

    /** The threads of transfers that still run. */
    static List<String> threadsLeft() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("rsync-"))
                .toList();
    }
}
