package io.lockstep.mount;

import io.lockstep.cluster.Reason;
import java.util.List;

/** Judges what was seen of the share: a pure function. */
public final class MountRule {
    private MountRule() {}

    /**
     * What one probe says by itself.
     *
     * @param reason {@link Reason#OK} when it speaks for the share
     * @param detail what was seen, for people; empty when OK
     */
    public record Verdict(Reason reason, String detail) {
        /** Nothing speaks against the share. */
        public static final Verdict OK = new Verdict(Reason.OK, "");
    }

    /** The verdict on a probe: of the first tree that something is wrong with. */
    public static Verdict judge(Probe probe, String clusterId) {
        if (probe instanceof Probe.Hung hung) {
            return new Verdict(Reason.SHARE_HUNG, hung.step() + " has not answered for " + hung.waited());
        }
        if (probe instanceof Probe.Unreachable none) {
            return new Verdict(none.reason(), none.detail());
        }
        if (probe instanceof Probe.NotTried none) {
            return new Verdict(none.reason(), none.detail());
        }
        return ((Probe.Looked) probe)
                .trees().stream()
                        .map(tree -> judge(tree, clusterId))
                        .filter(verdict -> verdict.reason() != Reason.OK)
                        .findFirst()
                        .orElse(Verdict.OK);
    }

    private static Verdict judge(TreeSight tree, String clusterId) {
        for (var sight : List.<Sight<?>>of(tree.directory(), tree.marker(), tree.written())) {
            if (sight instanceof Sight.Refused<?> refused) {
                return new Verdict(
                        Reason.SHARE_IO_ERROR,
                        "tree " + tree.tree() + ": " + refused.operation() + ": " + refused.error());
            }
        }
        if (tree.directory() instanceof Sight.Absent<String>) {
            return new Verdict(Reason.SHARE_MISSING, "the share of tree " + tree.tree() + " is not there");
        }
        if (tree.marker() instanceof Sight.Seen<Marker> seen) {
            return seen.value().clusterId().equals(clusterId)
                    ? Verdict.OK
                    : new Verdict(
                            Reason.MARKER_FOREIGN,
                            "the marker of tree " + tree.tree() + " is of cluster '"
                                    + seen.value().clusterId() + "', not '" + clusterId + "'");
        }
        return new Verdict(Reason.MARKER_MISSING, "tree " + tree.tree() + " has no marker");
    }
}
