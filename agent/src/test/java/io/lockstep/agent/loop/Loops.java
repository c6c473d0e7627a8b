package io.lockstep.agent.loop;

import io.lockstep.cluster.NodeName;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.health.HealthLimits;
import io.lockstep.health.TotalOutage;
import java.time.Duration;
import java.util.List;

/** Settings for tests of the loop's parts: one tree, one manager, two members, short times. */
final class Loops {
    static final NodeName MANAGER = new NodeName("gw1");
    static final NodeName WORKER = new NodeName("gw2");

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private Loops() {}

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
                DEADLINE,
                Duration.ofSeconds(15),
                guard,
                new HealthLimits(DEADLINE, DEADLINE, DEADLINE, TotalOutage.SERVE),
                "test");
    }
}
