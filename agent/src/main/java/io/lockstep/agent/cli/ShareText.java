package io.lockstep.agent.cli;

import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.Reason;
import io.lockstep.wire.StatusReport;
import io.lockstep.wire.StatusReport.Member;
import java.util.Locale;
import java.util.Optional;

/** What a status report says of the members' shares, for people. */
final class ShareText {
    private ShareText() {}

    /** The state of a member's share, and why where it is not simply good: {@code lost: wrong-export}. */
    static String of(Member member) {
        var state = member.mount().map(StatusText::lower).orElse(StatusText.UNKNOWN);
        return member.mountReason()
                .filter(reason -> reason != Reason.OK)
                .map(reason ->
                        state + ": " + reason.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .orElse(state);
    }

    /**
     * Adds what is wrong with a member's share, and what to do. Of the asked node also what was seen, and how old that
     * is; of another one only what its own state has not said already.
     */
    static void add(Member member, StatusReport report, Answer.Builder answer) {
        var reason = member.mountReason().filter(why -> why != Reason.OK && StatusText.isForSomebody(why.remedy()));
        boolean isSelf = member.name().equals(report.node());
        if (reason.isEmpty() || (!isSelf && member.remedy().equals(reason.get().remedy()))) {
            return;
        }
        answer.line("");
        answer.line(
                "The share on " + member.name() + ": " + of(member) + (isSelf ? times(report.mount()) : ""),
                member.mount().equals(Optional.of(MountEvidence.State.LOST)) ? Answer.Style.BAD : Answer.Style.WARNING);
        if (isSelf && !report.mount().detail().isEmpty()) {
            Prose.sentence(report.mount().detail(), answer);
        }
        Prose.sentence(reason.get().remedy(), answer);
    }

    private static String times(StatusReport.Mount mount) {
        return ", for " + Quantity.seconds(mount.sinceSeconds()) + ", seen " + Quantity.seconds(mount.ageSeconds())
                + " ago";
    }
}
