package io.lockstep.agent.loop;

import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.ManifestEntry;
import java.util.List;
import java.util.Optional;

/**
 * Whether this node meets the cluster with files of its own: no generation was ever applied here, and its replica has
 * files that no generation had which this node knows. Then they differ for a reason that nobody has told yet, and wait
 * for an operator. What a first apply left that was cut short is no such file. Only the control thread calls the methods.
 */
final class NodeContact {
    private final Ledger ledger;
    private boolean isAdopted;
    private Manifest lastReplica = Manifest.empty();
    private Manifest lastReference = Manifest.empty();
    private int foreign;

    NodeContact(Ledger ledger) {
        this.ledger = ledger;
    }

    /** An operator says that what this node has may give way to the reference. */
    void adopt() {
        isAdopted = true;
    }

    /** Whether the replica must stay as it is; {@code replica} is what its last look showed. */
    boolean mustWait(Optional<Manifest> replica) {
        return foreignFiles(replica) > 0;
    }

    private int foreignFiles(Optional<Manifest> replica) {
        var reference = ledger.reference();
        boolean isOver = isAdopted || ledger.appliedId().isPresent();
        if (isOver || reference.isEmpty() || replica.isEmpty()) {
            return 0;
        }
        if (!lastReplica.equals(replica.get()) || !lastReference.equals(reference.get())) {
            lastReplica = replica.get();
            lastReference = reference.get();
            foreign = ledger.unknown(differing(lastReference, lastReplica)).size();
        }
        return foreign;
    }

    private static List<ManifestEntry> differing(Manifest reference, Manifest replica) {
        return ManifestDiff.between(reference, replica).differences().stream()
                .flatMap(difference -> difference.actual().filter(ManifestEntry::isFile).stream())
                .toList();
    }

    /** Why the replica is left as it is, for people; empty when it is not. */
    Optional<String> problem(Optional<Manifest> replica) {
        int files = foreignFiles(replica);
        return files == 0
                ? Optional.empty()
                : Optional.of("this node has " + files + " files of its own that are in no generation, and nothing is"
                        + " changed before you decide: lockstep diff --replica names them; lockstep adopt keeps them in"
                        + " the conflict store and goes on");
    }
}
