package io.lockstep.agent.config;

import io.lockstep.health.TotalOutage;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Optional;

/**
 * Who belongs together. The same on every node.
 *
 * @param id the cluster's id, also in the marker file of each share; a name
 * @param manager the name of the member that commits generations in the static decision log
 * @param members 1 to 64, with unique names and unique control URLs
 * @param onTotalOutage whether nodes stay in rotation when all have lost the share
 */
public record ClusterConfiguration(
        @NotNull @Pattern(regexp = MemberAddress.NAME) String id,
        @NotNull @Pattern(regexp = MemberAddress.NAME) String manager,
        @Size(min = 1, max = 64) List<@Valid MemberAddress> members,
        @NotNull TotalOutage onTotalOutage) {

    public ClusterConfiguration {
        members = List.copyOf(members);
    }

    /** The member of this name. */
    public Optional<MemberAddress> member(String name) {
        return members.stream().filter(member -> member.name().equals(name)).findFirst();
    }
}
