package io.lockstep.agent.rsync;

import io.lockstep.artifact.EntryPath;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * How one side's transfer ended. Only {@link RsyncReason#COMPLETE} says that every file of the set was transferred, and
 * even then a puller has to check each digest.
 *
 * @param exitCode rsync's, as rsync(1) lists them, or 128 + the signal that ended it; empty when it was killed for a
 *     reason of ours or never started
 * @param missing pulling: the files of the set that did not arrive; serving: those that were not, in the replica, the
 *     plain files that they should be, and were therefore not offered. Meaningful with every reason
 * @param detail what rsync and this agent have to say: at most 8 KiB of standard error, control characters escaped
 * @param receivedBytes from the peer's stream
 * @param sentBytes to the peer's stream
 */
public record RsyncOutcome(
        RsyncReason reason,
        OptionalInt exitCode,
        List<EntryPath> missing,
        String detail,
        long receivedBytes,
        long sentBytes) {
    /** How many missing files {@link #message()} names. */
    private static final int NAMED = 5;

    public RsyncOutcome {
        missing = List.copyOf(missing);
    }

    static RsyncOutcome withoutExit(RsyncReason reason, FileSet files, String detail) {
        return new RsyncOutcome(reason, OptionalInt.empty(), files.paths(), BoundedText.escape(detail), 0, 0);
    }

    public boolean isComplete() {
        return reason == RsyncReason.COMPLETE;
    }

    /** For people, on one line: what happened, which files are missing, what to do, what rsync said. */
    public String message() {
        var text = new StringBuilder("rsync: ").append(reason.description());
        exitCode.ifPresent(
                code -> text.append(" (").append(RsyncExit.describe(code)).append(')'));
        if (!missing.isEmpty()) {
            text.append("; ").append(missing.size()).append(" missing: ");
            text.append(missing.stream().limit(NAMED).map(EntryPath::toString).collect(Collectors.joining(", ")));
            text.append(missing.size() > NAMED ? ", ..." : "");
        }
        if (!isComplete()) {
            text.append(". ").append(reason.remedy());
        }
        return detail.isBlank() ? text.toString() : text + ": " + detail.strip().replace("\n", "; ");
    }
}
