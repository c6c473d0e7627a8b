package io.lockstep.agent.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Size;
import java.util.List;

/**
 * The whole configuration of one agent, as {@link ConfigurationFile#load} read and validated it.
 *
 * <p>Every path is absolute and normalized. Immutable.
 *
 * @param trees 1 to 16, with unique names
 */
public record AgentConfiguration(
        @Valid ClusterConfiguration cluster,
        @Valid NodeConfiguration node,
        @Size(min = 1, max = 16) List<@Valid TreeConfiguration> trees,
        @Valid OpsConfiguration ops,
        @Valid ControlConfiguration control,
        @Valid ScanConfiguration scan,
        @Valid TimingConfiguration timing,
        @Valid GuardConfiguration guard,
        @Valid RsyncConfiguration rsync,
        @Valid TrashConfiguration trash,
        @Valid StoreConfiguration store,
        @Valid LoggingConfiguration logging) {

    public AgentConfiguration {
        trees = List.copyOf(trees);
    }

    /** Whether this node is the manager of the static decision log. */
    public boolean isManager() {
        return node.name().equals(cluster.manager());
    }

    /** This node's own entry in the list of members. */
    public MemberAddress self() {
        return cluster.member(node.name())
                .orElseThrow(() -> new IllegalStateException("not validated: " + node.name() + " is not a member"));
    }

    /** Every other member, in the order of the file. */
    public List<MemberAddress> peers() {
        return cluster.members().stream()
                .filter(member -> !member.name().equals(node.name()))
                .toList();
    }
}
