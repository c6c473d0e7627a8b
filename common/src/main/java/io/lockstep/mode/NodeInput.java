package io.lockstep.mode;

import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;

/**
 * What one node sees of itself, sorted into the classes that its next step depends on.
 *
 * @param mount the state of its own view of the share
 * @param provenLongEnough whether that has been proven without a break for the configured time
 * @param mountShowsReference whether its last look at the mount had exactly the reference's root digest
 * @param replicaShowsReference whether its last look at the replica had exactly the reference's root digest
 * @param replicaIsWhole whether its last look at the replica had exactly the root digest of the last generation that
 *     it applied
 * @param hasAppliedReference whether the reference is the last generation that its replica held completely, or that
 *     was taken from it
 * @param hasReference whether it has a reference and its manifest
 */
public record NodeInput(
        Role role,
        Mode mode,
        Serving serving,
        MountEvidence.State mount,
        boolean provenLongEnough,
        boolean mountShowsReference,
        boolean replicaShowsReference,
        boolean replicaIsWhole,
        boolean hasAppliedReference,
        boolean hasReference) {}
