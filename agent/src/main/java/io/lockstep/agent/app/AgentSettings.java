package io.lockstep.agent.app;

import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.TreeConfiguration;
import io.lockstep.agent.loop.LoopSettings;
import io.lockstep.agent.loop.TreeShare;
import io.lockstep.cluster.NodeName;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.health.HealthLimits;
import io.lockstep.mount.ExpectedMount;
import java.time.Duration;
import java.util.Optional;

/** What the configuration tells the control loop. */
final class AgentSettings {
    /** The control loop turns ten times a second; ten seconds without a turn is no pause of the garbage collector. */
    private static final Duration LOOP_BEAT = Duration.ofSeconds(10);
    /** What a beacon may take beyond the client's cache: the time between two probes, the server, a busy host. */
    private static final Duration BEACON_MARGIN = Duration.ofSeconds(5);

    private AgentSettings() {}

    static LoopSettings of(AgentConfiguration configuration) {
        var scan = configuration.scan();
        var timing = configuration.timing();
        var guard = configuration.guard();
        return new LoopSettings(
                configuration.cluster().id(),
                new NodeName(configuration.node().name()),
                new NodeName(configuration.cluster().manager()),
                configuration.cluster().members().stream()
                        .map(member -> new NodeName(member.name()))
                        .toList(),
                true,
                RemoteShares.kindOf(configuration),
                configuration.trees().stream().map(AgentSettings::share).toList(),
                scan.probeInterval(),
                scan.interval(),
                scan.replicaInterval(),
                scan.maxShareOfTime(),
                scan.digestAllEvery(),
                timing.lossTimeout(),
                timing.returnAfter(),
                timing.driftGrace(),
                timing.settle(),
                timing.settleShare(),
                timing.exchangeInterval(),
                timing.shareDeadline(),
                timing.attributeCache().plus(BEACON_MARGIN),
                new DeletionGuard(guard.deletions(), guard.deletionShare(), guard.kindFiles()),
                new HealthLimits(
                        LOOP_BEAT,
                        timing.staleAfter(),
                        timing.readyLag(),
                        configuration.cluster().onTotalOutage()),
                Version.current());
    }

    private static TreeShare share(TreeConfiguration tree) {
        var mount = Optional.ofNullable(tree.mount())
                .map(given -> new ExpectedMount(given.point().toString(), given.type(), given.source()));
        return new TreeShare(tree.name(), tree.share().toString(), mount);
    }
}
