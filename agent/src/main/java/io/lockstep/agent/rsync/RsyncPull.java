package io.lockstep.agent.rsync;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Pulls files from a peer that runs {@link RsyncServe} into a staging directory.
 *
 * <p>The peer decides only what the bytes are: names that were not asked for are removed again, links and devices are
 * never created, and bytes, the length of a file and memory are bounded. Each file's digest is for the caller to check.
 * Safe for several threads with a staging directory each.
 */
public final class RsyncPull {
    private final RsyncInstallation.Usable rsync;
    private final Path home;

    /**
     * A puller.
     *
     * @param home an existing directory of this agent, empty of settings; rsync's {@code HOME}
     */
    public RsyncPull(RsyncInstallation.Usable rsync, Path home) {
        this.rsync = rsync;
        this.home = home;
    }

    /**
     * Empties the staging directory, then pulls the files into it. Afterwards it holds no other file than those of the
     * set, except when the outcome says that the directory could not be swept. An interrupt ends the transfer and is
     * set again.
     *
     * @param staging an existing directory outside of every tree, private to this agent and this call. Everything in it
     *     is deleted. Leftovers are no basis: rsync would take one of the same size and time for the file itself
     * @param peer is closed at the end, whatever the outcome
     */
    public RsyncOutcome pull(FileSet files, Path staging, ByteStream peer, TransferLimits limits) {
        var staged = new StagedFiles(staging);
        StreamedProcess.Ended ended;
        try {
            staged.keepOnly(Set.of());
            ended = StreamedProcess.run(
                    "rsync-pull",
                    RsyncArguments.pull(rsync.command(), files.largestBytes(), limits),
                    staging,
                    home,
                    peer,
                    limits.deadline(),
                    TransferVolume.maxFromServer(files));
        } catch (IOException e) {
            StreamedProcess.closeKeeping(peer, e);
            return RsyncOutcome.withoutExit(RsyncReason.NOT_STARTED, files, "staging directory " + staging + ": " + e);
        }
        try {
            return outcome(files, staged.keepOnly(new HashSet<>(files.paths())), ended);
        } catch (IOException e) {
            return RsyncOutcome.withoutExit(RsyncReason.FILE_IO, files, "sweeping " + staging + ": " + e);
        }
    }

    /**
     * Pulls one file into its {@link PartialFile#target}, moving only what is in no block of its basis. What arrived is
     * kept whatever the outcome. An interrupt ends the transfer and is set again.
     *
     * @param partial prepared for this attempt
     * @param peer is closed at the end, whatever the outcome
     */
    public RsyncOutcome resume(PartialFile partial, ByteStream peer, TransferLimits limits) {
        var files = new FileSet(List.of(partial.file()));
        StreamedProcess.Ended ended;
        try {
            ended = StreamedProcess.run(
                    "rsync-pull",
                    RsyncArguments.resume(rsync.command(), files.largestBytes(), partial.basis(), limits),
                    partial.target(),
                    home,
                    peer,
                    limits.deadline(),
                    TransferVolume.maxFromServerWithBasis(files));
        } catch (IOException e) {
            return RsyncOutcome.withoutExit(RsyncReason.NOT_STARTED, files, "directory " + partial.target() + ": " + e);
        }
        try {
            var kept = new StagedFiles(partial.target())
                    .keepOnly(Set.of(partial.file().path()));
            var whole = partial.hasFullLength() ? kept : new StagedFiles.Kept(Set.of(), kept.removed());
            return outcome(files, whole, ended);
        } catch (IOException e) {
            return RsyncOutcome.withoutExit(RsyncReason.FILE_IO, files, "sweeping " + partial.target() + ": " + e);
        }
    }

    private static RsyncOutcome outcome(FileSet files, StagedFiles.Kept kept, StreamedProcess.Ended ended) {
        var missing = files.paths().stream()
                .filter(path -> !kept.present().contains(path))
                .toList();
        var reason = RsyncReason.of(ended);
        // A transfer that ended badly leaves rsync's own temporary files, which say nothing about the peer.
        boolean ranToItsEnd = reason == RsyncReason.COMPLETE || reason == RsyncReason.PARTIAL;
        if (ranToItsEnd && kept.removed() > 0) {
            reason = RsyncReason.UNREQUESTED;
        } else if (reason == RsyncReason.COMPLETE && !missing.isEmpty()) {
            reason = RsyncReason.PARTIAL;
        }
        return new RsyncOutcome(
                reason, ended.exitCode(), missing, ended.detail(), ended.receivedBytes(), ended.sentBytes());
    }
}
