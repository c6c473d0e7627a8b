package io.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.wire.StatusReport;
import io.lockstep.wire.StatusReport.Member;
import java.util.List;
import java.util.Optional;

/** The members of a status report for programs: whole digests, numbers without units, nothing for what is not known. */
final class StatusTable {
    private StatusTable() {}

    /** The table; new columns come at its end. */
    static Answer of(StatusReport report, JsonNode json) {
        var header = List.of(
                "NODE",
                "ROLE",
                "STATE",
                "MODE",
                "GENERATION",
                "ROOT",
                "SERVING",
                "MOUNT",
                "LAG_SECONDS",
                "MISSING",
                "EXTRA",
                "CHANGED",
                "UNKNOWN",
                "CONFLICTS",
                "SEEN_SECONDS",
                "MOUNT_REASON",
                "BEACON_LAG_SECONDS");
        var rows = report.members().stream().map(StatusTable::row).toList();
        return new Answer.Builder().table(header, rows).build(json);
    }

    private static Answer.Row row(Member member) {
        var told = StatusText.isReached(member) ? Optional.of(member) : Optional.<Member>empty();
        var known = told.filter(Member::figuresKnown);
        return Answer.Row.of(
                member.name().value(),
                StatusText.lower(member.role()),
                member.state(),
                plain(member.mode()),
                plain(member.generation()),
                plain(member.rootDigest()),
                plain(member.serving()),
                plain(member.mount()),
                plain(known.map(Member::lagSeconds)),
                plain(known.map(m -> m.drift().missing())),
                plain(known.map(m -> m.drift().extra())),
                plain(known.map(m -> m.drift().changed())),
                plain(known.map(m -> m.drift().unknown())),
                plain(told.map(Member::conflicts)),
                member.heardSecondsAgo() < 0 ? "" : String.valueOf(member.heardSecondsAgo()),
                plain(member.mountReason()),
                plain(told.map(Member::beaconLagSeconds)));
    }

    private static String plain(Optional<?> value) {
        return value.map(String::valueOf).orElse("");
    }
}
