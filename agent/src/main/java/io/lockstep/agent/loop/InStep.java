package io.lockstep.agent.loop;

import io.lockstep.cluster.MemberView;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.generation.View;
import io.lockstep.health.AgentSnapshot.PeerState;
import java.util.List;
import java.util.Optional;

/**
 * Whether this node sees what the manager sees where that differs from the reference in nothing but what is held back:
 * then it is in step, and can do nothing about the rest. Only the control thread calls the methods.
 */
final class InStep {
    private final LoopSettings settings;
    private final Ledger ledger;
    private Optional<Digest> told = Optional.empty();

    InStep(LoopSettings settings, Ledger ledger) {
        this.settings = settings;
        this.ledger = ledger;
    }

    /**
     * Takes what the manager says of the present reference. What it said last holds while it is away.
     *
     * @param own this node's, if it is the manager
     */
    void hear(List<PeerState> peers, Optional<Digest> own) {
        told = settings.isManager()
                ? own
                : peers.stream()
                        .filter(peer -> peer.name().equals(settings.manager()))
                        .flatMap(peer -> peer.view().stream())
                        .filter(manager -> manager.reference()
                                .equals(ledger.decided().reference().map(Generation::id)))
                        .findFirst()
                        .flatMap(MemberView::heldBackRoot);
    }

    /** Whether {@code view} is just what the manager sees. */
    boolean shows(Optional<View> view) {
        var reference = ledger.reference();
        return view.isPresent()
                && reference.isPresent()
                && view.get().canTellAll(reference.get())
                && told.equals(Optional.of(view.get().manifest().root()));
    }
}
