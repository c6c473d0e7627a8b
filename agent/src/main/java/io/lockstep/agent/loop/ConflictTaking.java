package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryType;
import io.lockstep.cluster.Reason;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.reconcile.Placing;
import io.lockstep.wire.ConflictReport;
import java.util.List;
import java.util.Optional;

/** What an operator who takes a conflict's content orders: the reference, with that content at its path. */
final class ConflictTaking {
    /** The answer where there can be no such order. */
    static final TargetOutcome REFUSED = new TargetOutcome.Refused(
            "this can't be put at its path: it is no file that could be read, there is no reference, or a file stands"
                    + " where it needs a directory or a directory where it stood",
            "look at it where it lies, and publish it by hand");

    private ConflictTaking() {}

    /** The order; empty where there can be none. */
    static Optional<Target> target(ConflictReport.Conflict conflict, Ledger ledger, Conflicts conflicts) {
        var reference = ledger.reference();
        if (reference.isEmpty()
                || conflict.type() != EntryType.FILE
                || conflict.digest().isEmpty()) {
            return Optional.empty();
        }
        var file = ManifestEntry.file(
                conflict.path(),
                conflict.mode(),
                conflict.sizeBytes(),
                conflict.modifiedNanos(),
                conflict.digest().get());
        var parent = Optional.of(reference.get().root());
        return Placing.of(reference.get(), file)
                .map(wanted -> new Target(parent, wanted, Reason.OPERATOR, () -> {
                    var problem = conflicts.stage(conflict);
                    return new Staging(problem.isEmpty() ? List.of() : List.of(file), problem);
                }));
    }
}
