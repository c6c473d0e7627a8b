package io.lockstep.agent.rsync;

import io.lockstep.artifact.EntryPath;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Serves files of a replica to a peer that runs {@link RsyncPull}.
 *
 * <p>The caller has checked the files against one generation's manifest; the peer can choose nothing. Only regular files
 * of the size and time that the last scan saw, reached from the replica's root without any link, are offered. That is looked at just before rsync starts,
 * since rsync itself follows a link in the place of a parent directory (seen in 3.5.0 with a link of its own user that
 * points out of the replica). Whoever can write into the replica can still exchange a directory for a link in the
 * moments after the look, and so let the agent read another file that it may read; the puller finds a wrong digest
 * then and discards it. Safe for several threads.
 */
public final class RsyncServe {
    private static final String LIST_PREFIX = "serve-";
    private static final String LIST_SUFFIX = ".list";

    private final RsyncInstallation.Usable rsync;
    private final Path work;

    /**
     * A server.
     *
     * @param work an existing directory that is private to this agent, outside of every tree; holds the list of each
     *     running transfer ({@code serve-*.list}), and is rsync's {@code HOME}
     */
    public RsyncServe(RsyncInstallation.Usable rsync, Path work) {
        this.rsync = rsync;
        this.work = work.toAbsolutePath();
    }

    /**
     * Removes the lists of transfers that an earlier process of this agent could not end. Not while one is running.
     *
     * @throws IOException when the work directory can't be read or a list can't be removed
     */
    public void removeLeftovers() throws IOException {
        try (var lists = Files.newDirectoryStream(work, LIST_PREFIX + "*" + LIST_SUFFIX)) {
            for (var list : lists) {
                Files.delete(list);
            }
        }
    }

    /**
     * Sends the files. {@link RsyncReason#PARTIAL} with exit code 0 means that all but the missing ones were sent. An
     * interrupt ends the transfer and is set again.
     *
     * @param replica the tree's root
     * @param peer is closed at the end, whatever the outcome
     */
    public RsyncOutcome serve(FileSet files, Path replica, ByteStream peer, TransferLimits limits) {
        var tree = new RootedTree(replica);
        var offered = new ArrayList<EntryPath>();
        var missing = new ArrayList<EntryPath>();
        for (var file : files.files()) {
            // Whoever wrote a file since it was scanned would make this node seem to send wrong bytes.
            boolean isAsScanned = tree.look(file.path()).isFile(file.sizeBytes(), file.mtimeNanos());
            (isAsScanned ? offered : missing).add(file.path());
        }
        try {
            // Created with mode 0600, as Files.createTempFile says.
            var list = Files.createTempFile(work, LIST_PREFIX, LIST_SUFFIX);
            try {
                writeList(list, offered);
                return outcome(missing, run(files, replica, list, peer, limits));
            } finally {
                Files.deleteIfExists(list);
            }
        } catch (IOException e) {
            StreamedProcess.closeKeeping(peer, e);
            return RsyncOutcome.withoutExit(
                    RsyncReason.NOT_STARTED, files, "replica " + replica + ", work directory " + work + ": " + e);
        }
    }

    private StreamedProcess.Ended run(FileSet files, Path replica, Path list, ByteStream peer, TransferLimits limits)
            throws IOException {
        return StreamedProcess.run(
                "rsync-serve",
                RsyncArguments.serve(rsync.command(), list, limits),
                replica,
                work,
                peer,
                limits.deadline(),
                TransferVolume.maxFromClient(files));
    }

    private static void writeList(Path list, List<EntryPath> paths) throws IOException {
        try (var out = new BufferedOutputStream(Files.newOutputStream(list))) {
            for (var path : paths) {
                out.write(RsyncArguments.listedName(path.bytes()));
                out.write(0);
            }
        }
    }

    private static RsyncOutcome outcome(List<EntryPath> missing, StreamedProcess.Ended ended) {
        var reason = RsyncReason.of(ended);
        if (reason == RsyncReason.COMPLETE && !missing.isEmpty()) {
            reason = RsyncReason.PARTIAL;
        }
        return new RsyncOutcome(
                reason, ended.exitCode(), missing, ended.detail(), ended.receivedBytes(), ended.sentBytes());
    }
}
