package io.lockstep.agent.http;

import io.lockstep.agent.loop.ControlLoop;
import io.lockstep.agent.loop.Target;
import io.lockstep.agent.loop.TargetOutcome;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Role;
import io.lockstep.digest.Digest;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.FirstContact;
import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.View;
import io.lockstep.health.AgentSnapshot;
import io.lockstep.wire.AdoptReport;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Takes an operator's word on whose tree is everybody's, when nodes meet with different ones. For several threads. */
public final class Adopter {
    /** Within the time that whoever asked waits for an answer. */
    private static final long PATIENCE_SECONDS = 8;

    private final ControlLoop loop;
    private final DeletionGuard guard;
    private final Function<Digest, Optional<Manifest>> manifests;
    private final Restorer.Content content;

    /** @param manifests of trees, from this node or from a member */
    public Adopter(
            ControlLoop loop,
            DeletionGuard guard,
            Function<Digest, Optional<Manifest>> manifests,
            Restorer.Content content) {
        this.loop = loop;
        this.guard = guard;
        this.manifests = manifests;
        this.content = content;
    }

    /**
     * Lets this node give up what it has for the reference, kept in its conflict store. The manager decides before what
     * the reference is.
     *
     * @param from {@code share} or a node; null for what is proposed, or for the reference if there is one
     */
    public AdoptReport adopt(@Nullable String from) throws InterruptedException {
        var node = loop.snapshot().node();
        var said = loop.snapshot().role() == Role.MANAGER ? decide(from) : "gives way to the reference";
        loop.adopt();
        return new AdoptReport(node, said);
    }

    private String decide(@Nullable String from) throws InterruptedException {
        var reference = loop.views().reference();
        if (from == null && reference.isPresent()) {
            return "generation " + reference.get().id() + " is the reference";
        }
        var name = from == null
                ? loop.contact()
                        .flatMap(FirstContact::proposal)
                        .map(FirstContact.Place::name)
                        .orElse(FirstContact.SHARE)
                : from;
        if (name.equals(FirstContact.SHARE)) {
            if (reference.isPresent()) {
                throw new RefusedException(
                        409, "there is a generation already", "publish to the share, or restore: lockstep history");
            }
            loop.adoptShare();
            return "the share is the first generation";
        }
        return "generation " + committed(name, reference) + " is what " + name + " has";
    }

    private GenerationId committed(String name, Optional<Generation> reference) throws InterruptedException {
        var tree = treeOf(name);
        requireGuarded(name, tree);
        var views = loop.views();
        // Committed first, so that what the share has is known, and can be restored like any other generation.
        var base = reference.isPresent()
                ? Optional.<Manifest>empty()
                : views.share().map(View::manifest);
        var from = new Generation(new GenerationId(1, 1), tree.root(), Optional.empty(), tree.root());
        var order = new Target(
                reference.map(Generation::root), tree, Reason.OPERATOR, () -> content.bring(tree, from, tree), base);
        try {
            var outcome = loop.order(order).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (outcome instanceof TargetOutcome.Committed committed) {
                return committed.generation().id();
            }
            if (outcome instanceof TargetOutcome.ContentMissing missing) {
                throw new RefusedException(
                        410, missing.staging().problem().orElse("content is missing"), "start the node " + name);
            }
            var refused = (TargetOutcome.Refused) outcome;
            throw new RefusedException(409, refused.why(), refused.remedy());
        } catch (ExecutionException e) {
            throw new RefusedException(503, "the agent did not take it: " + e.getCause(), "see its log, and try again");
        } catch (TimeoutException e) {
            throw new RefusedException(
                    503,
                    "the content of " + name + " is still being brought together",
                    "lockstep history shows when" + " it is there; then lockstep adopt, for the nodes");
        }
    }

    /** Where there is a reference, naming a node is no approval of what it deletes. */
    private void requireGuarded(String name, Manifest tree) {
        var excess = loop.views().manifest().flatMap(reference -> guard.check(reference, tree));
        if (excess.isPresent()) {
            throw new RefusedException(
                    409,
                    "there is a generation already, and what " + name + " has lacks "
                            + excess.get().deletions() + " of " + excess.get().before() + " files of tree "
                            + excess.get().tree(),
                    "publish what is missing, or take the reference: lockstep adopt");
        }
    }

    private Manifest treeOf(String name) {
        var snapshot = loop.snapshot();
        if (snapshot.node().value().equals(name)) {
            return loop.views()
                    .replica()
                    .map(View::manifest)
                    .orElseThrow(() -> new RefusedException(409, "the replica was not looked at yet", "try again"));
        }
        var root = snapshot.peers().stream()
                .filter(peer -> peer.name().value().equals(name))
                .findFirst()
                .orElseThrow(() -> new RefusedException(
                        404, "there is no node called " + name, "name a member, or " + FirstContact.SHARE));
        return Optional.of(root)
                .filter(AgentSnapshot.PeerState::isReachable)
                .flatMap(peer -> peer.view().orElseThrow().replicaRoot())
                .flatMap(manifests)
                .orElseThrow(() -> new RefusedException(503, name + " does not tell its tree now", "start its agent"));
    }
}
