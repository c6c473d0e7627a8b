package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.NodeName;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.HeldBack;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.Refusal;
import io.lockstep.health.HealthLimits;
import io.lockstep.health.TotalOutage;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Settings for tests of the loop's parts: one tree, one manager, two members, short times. */
final class Loops {
    static final NodeName MANAGER = new NodeName("gw1");
    static final NodeName WORKER = new NodeName("gw2");

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private Loops() {}

    /** Finds all content fit, and each file an artifact of its own. */
    static Inspector inspector() {
        return refusing(Set.of());
    }

    /** Refuses whatever is new at these paths. */
    static Inspector refusing(Set<EntryPath> paths) {
        return new Inspector() {
            @Override
            public Inspection inspect(Manifest reference, Manifest next, Origin origin) {
                var refused = new HashMap<EntryPath, Refusal>();
                ManifestDiff.contentMissingFrom(reference, next).stream()
                        .filter(file -> paths.contains(file.path()))
                        .forEach(file -> refused.put(
                                file.path(),
                                new Refusal(file.digest().orElseThrow(), HeldBack.Why.INVALID_XML, "made up")));
                return new Inspection(refused, List.of(), Optional.empty());
            }

            @Override
            public Optional<String> artifactOf(EntryPath path) {
                return Optional.empty();
            }
        };
    }

    static LoopSettings settings(NodeName self, boolean hasShare) {
        return settings(self, MANAGER, hasShare, DeletionGuard.standard());
    }

    static LoopSettings settings(NodeName self, NodeName manager, boolean hasShare, DeletionGuard guard) {
        return settings(self, manager, hasShare, ShareKind.MOUNT, guard);
    }

    static LoopSettings settings(
            NodeName self, NodeName manager, boolean hasShare, ShareKind kind, DeletionGuard guard) {
        return new LoopSettings(
                "prod",
                self,
                manager,
                List.of(MANAGER, WORKER),
                hasShare,
                kind,
                List.of(),
                SECOND,
                SECOND,
                SECOND,
                1.0,
                Duration.ofDays(1),
                DEADLINE,
                DEADLINE,
                SECOND,
                SECOND,
                SECOND,
                SECOND,
                DEADLINE,
                Duration.ofSeconds(15),
                guard,
                new HealthLimits(DEADLINE, DEADLINE, DEADLINE, TotalOutage.SERVE),
                "test");
    }
}
