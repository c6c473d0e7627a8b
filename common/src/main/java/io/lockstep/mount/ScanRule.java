package io.lockstep.mount;

import io.lockstep.artifact.EntryType;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import io.lockstep.mount.MountRule.Verdict;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Judges a scan that ended: a mount whose marker answers and whose directories do not is no mount to serve from, since a
 * Gateway takes what it can't list or stat for deleted.
 *
 * <p>A file that can't be read is not judged here: a Gateway that has deployed it does not read it again, and the
 * generation keeps its last version. Neither is a missing permission, which the Gateway's user may have.
 */
public final class ScanRule {
    /** What says that the file system is out of order, and not the entry. */
    private static final Set<String> BROKEN = Set.of("EIO", "EREMOTEIO", "ETIMEDOUT");

    private ScanRule() {}

    /** The verdict on the first entry, by tree and path, that can't be listed or looked at. */
    public static Verdict judge(Map<String, Inventory> inventories) {
        for (var tree : new TreeMap<>(inventories).entrySet()) {
            for (var finding : tree.getValue().findings()) {
                var reason = reason(finding);
                if (reason.isPresent()) {
                    var refused = (Finding.Unreadable) finding;
                    return Verdict.lost(
                            reason.get(),
                            "tree " + tree.getKey() + ": " + refused.path() + " can't be looked at: "
                                    + refused.error());
                }
            }
        }
        return Verdict.OK;
    }

    private static Optional<Reason> reason(Finding finding) {
        if (!(finding instanceof Finding.Unreadable refused)) {
            return Optional.empty();
        }
        // A file's type is known when it can be looked at.
        boolean isStructure = refused.type() == EntryType.DIRECTORY || refused.type() == EntryType.UNKNOWN;
        var reason = ErrnoRule.reason(refused.error());
        return isStructure
                        && (reason == Reason.STALE_HANDLE
                                || reason == Reason.NOT_CONNECTED
                                || BROKEN.contains(refused.error()))
                ? Optional.of(reason)
                : Optional.empty();
    }
}
