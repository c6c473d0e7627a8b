package io.lockstep.agent.loop;

import io.lockstep.cluster.MountEvidence.State;
import io.lockstep.cluster.Reason;
import io.lockstep.mount.MountEntry;
import io.lockstep.mount.MountRule.Verdict;
import io.lockstep.mount.MountTable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Holds the mount table against the configuration at each turn of the loop, and tells when another mount is where a
 * share was. Only the control thread calls the methods.
 */
final class MountWatch {
    private final Mounts mounts;
    private final List<TreeShare> shares;
    private Verdict verdict = Verdict.OK;
    private Map<String, Optional<Long>> ids = Map.of();

    MountWatch(Mounts mounts, List<TreeShare> shares) {
        this.mounts = mounts;
        this.shares = List.copyOf(shares);
    }

    /** What the table says of the mounts that are configured; OK when none is. */
    Verdict verdict() {
        return verdict;
    }

    /** The mount that each tree's share is on, by the tree's name. The kernel tells mounts apart by these numbers. */
    Map<String, Optional<Long>> ids() {
        return ids;
    }

    /** Reads the table. */
    void turn() {
        try {
            look(mounts.read());
        } catch (IOException e) {
            boolean isNeeded = shares.stream().anyMatch(share -> share.mount().isPresent());
            verdict = isNeeded
                    ? new Verdict(
                            State.UNKNOWN, Reason.SHARE_IO_ERROR, "the mount table can't be read: " + e.getMessage())
                    : Verdict.OK;
        }
    }

    private void look(MountTable table) {
        verdict = Verdict.worst(shares.stream()
                .flatMap(share -> share.mount().stream())
                .map(expected -> expected.check(table))
                .toList());
        var found = new TreeMap<String, Optional<Long>>();
        shares.forEach(
                share -> found.put(share.tree(), table.covering(share.path()).map(MountEntry::id)));
        ids = found;
    }
}
