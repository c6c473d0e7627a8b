package io.lockstep.cluster;

import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a member says of itself in every exchange. Ages are in seconds by the member's own clock, so that no two clocks
 * are ever compared.
 *
 * @param logIndex how far it has the decision log
 * @param reference the generation it takes as the reference
 * @param applied the last generation that its replica held completely
 * @param servedRoot the root digest of what its Gateway reads
 * @param replicaRoot the root digest of its replica
 * @param heldBackRoot the root digest of the share, or of its replica, as the manager sees it, when that differs from
 *     the reference in nothing but what is held back for being invalid: who sees the same is in step. Only a manager
 *     tells one
 * @param beacon the last beacon that it wrote to its share; empty while it has no share, or can't write it
 * @param fault why it wants out of rotation; {@link Reason#OK} when it does not
 * @param lagSeconds for how long it has been serving something else than the reference; 0 when it serves it
 * @param evidenceAgeSeconds how old its last look at what it serves is
 */
public record MemberView(
        NodeName name,
        Role role,
        Mode mode,
        long epoch,
        long logIndex,
        Optional<GenerationId> reference,
        Optional<GenerationId> applied,
        Optional<Digest> servedRoot,
        Optional<Digest> replicaRoot,
        Optional<Digest> heldBackRoot,
        Serving serving,
        MountEvidence.State mount,
        Reason mountReason,
        Optional<AnnouncedBeacon> beacon,
        Reason fault,
        DriftSummary drift,
        double lagSeconds,
        double evidenceAgeSeconds,
        int conflicts,
        String version) {
    public MemberView {
        // It comes from a peer, which may leave out what it likes; one of an earlier version does not say this.
        heldBackRoot = Objects.requireNonNullElse(heldBackRoot, Optional.empty());
        Stream.of(name, role, mode, reference, applied, servedRoot, replicaRoot)
                .forEach(field -> Objects.requireNonNull(field, "a member's view lacks a field"));
        Stream.of(serving, mount, mountReason, beacon, fault, drift, version)
                .forEach(field -> Objects.requireNonNull(field, "a member's view lacks a field"));
    }

    /** Whether it has proof of the share, at least for reading. */
    public boolean provesShare() {
        return mount == MountEvidence.State.PROVEN;
    }
}
