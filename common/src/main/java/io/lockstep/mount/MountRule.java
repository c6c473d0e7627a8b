package io.lockstep.mount;

import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.MountEvidence.State;
import io.lockstep.cluster.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Judges what is known of the share: a pure function. */
public final class MountRule {
    private MountRule() {}

    /**
     * What one source of evidence says of the share.
     *
     * @param state what follows from it
     * @param reason {@link Reason#OK} when nothing speaks against the share
     * @param detail what was seen, for people; empty when OK
     */
    public record Verdict(State state, Reason reason, String detail) {
        /** Nothing speaks against the share. */
        public static final Verdict OK = new Verdict(State.PROVEN, Reason.OK, "");

        /** The share can be relied on for reading, and not be written. */
        static Verdict readable(Reason reason, String detail) {
            return new Verdict(State.PROVEN, reason, detail);
        }

        static Verdict suspect(Reason reason, String detail) {
            return new Verdict(State.SUSPECT, reason, detail);
        }

        static Verdict lost(Reason reason, String detail) {
            return new Verdict(State.LOST, reason, detail);
        }

        static Verdict unknown(Reason reason, String detail) {
            return new Verdict(State.UNKNOWN, reason, detail);
        }

        public boolean isOk() {
            return reason == Reason.OK;
        }

        public boolean isLost() {
            return state == State.LOST;
        }

        /** The first that is lost, else suspected, else unknown, else not writable; OK when all are. */
        public static Verdict worst(List<Verdict> verdicts) {
            for (var state : List.of(State.LOST, State.SUSPECT, State.UNKNOWN, State.PROVEN)) {
                for (var verdict : verdicts) {
                    if (verdict.state() == state && !verdict.isOk()) {
                        return verdict;
                    }
                }
            }
            return OK;
        }
    }

    /**
     * A probe that ended.
     *
     * @param beacon what it was to write
     * @param startedAt when it began: what it saw may be as old as that
     */
    public record Ended(Probe probe, Beacon beacon, Instant startedAt) {}

    /**
     * Everything that is known of the share at one moment.
     *
     * @param registered the share's id in the decision log, by the tree's name
     * @param table what the mount table says now; OK where no mount is configured
     * @param isReplaced whether another mount is there than when the last probe began
     * @param last the last probe that ended; empty before the first
     * @param lookedAt when the last probe that came to a look began; before the first, when looking began
     * @param silence for how long what is running on the share has not answered; zero when nothing runs
     * @param silent what that is, such as {@code "a probe"}
     * @param scan what the last scan says, while no later one has taken it back
     * @param beacons what the members' beacons say
     */
    public record Facts(
            String clusterId,
            Map<String, String> registered,
            Verdict table,
            boolean isReplaced,
            Optional<Ended> last,
            Instant lookedAt,
            Duration silence,
            String silent,
            Verdict scan,
            Verdict beacons) {
        public Facts {
            registered = Map.copyOf(registered);
        }
    }

    /**
     * The evidence at this moment.
     *
     * @param deadline how long a call on the share may take
     */
    public static MountEvidence judge(Facts facts, Duration deadline, Instant now) {
        var silence = silence(facts, deadline);
        var probed = probed(facts, deadline, now);
        var verdict = Verdict.worst(List.of(facts.table(), silence, probed, facts.scan(), facts.beacons()));
        // What the table says, and that nothing answers, is seen now; the rest is as old as what it rests on.
        boolean isSeenNow = verdict.isLost() && (verdict.equals(facts.table()) || verdict.equals(silence));
        var observedAt = isSeenNow ? now : observedAt(facts, verdict);
        return new MountEvidence(verdict.state(), verdict.reason(), verdict.detail(), observedAt, now);
    }

    private static Instant observedAt(Facts facts, Verdict verdict) {
        if (verdict.state() == State.SUSPECT || facts.last().isEmpty()) {
            return facts.lookedAt();
        }
        var last = facts.last().get();
        return last.probe() instanceof Probe.Hung hung ? last.startedAt().plus(hung.waited()) : last.startedAt();
    }

    private static Verdict silence(Facts facts, Duration deadline) {
        if (facts.silence().compareTo(deadline) > 0) {
            return Verdict.lost(Reason.SHARE_HUNG, facts.silent() + " has not answered for " + deadline);
        }
        var half = deadline.dividedBy(2);
        return facts.silence().compareTo(half) > 0
                ? Verdict.suspect(
                        Reason.SHARE_HUNG,
                        facts.silent() + " has not answered for " + half + "; it counts as hung after " + deadline)
                : Verdict.OK;
    }

    private static Verdict probed(Facts facts, Duration deadline, Instant now) {
        if (facts.last().isEmpty()) {
            return Verdict.unknown(Reason.STARTING, "not looked yet");
        }
        var last = facts.last().get();
        if (last.probe() instanceof Probe.NotTried none) {
            // That says nothing of the share; but what nobody could look at for the deadline is not proven any more.
            boolean isOld = Duration.between(facts.lookedAt(), now).compareTo(deadline) > 0;
            return isOld ? Verdict.lost(none.reason(), none.detail()) : Verdict.suspect(none.reason(), none.detail());
        }
        var verdict = ofProbe(last.probe(), facts.clusterId(), facts.registered(), Optional.of(last.beacon()));
        return facts.isReplaced() && !verdict.isLost()
                ? Verdict.suspect(Reason.SHARE_MISSING, "another mount is there now, and was not looked at yet")
                : verdict;
    }

    /** The verdict on a probe alone, which wrote no beacon. */
    public static Verdict judge(Probe probe, String clusterId) {
        return ofProbe(probe, clusterId, Map.of(), Optional.empty());
    }

    /**
     * The verdict on a probe by itself, whatever other members see.
     *
     * @param registered the share's id in the decision log, by the tree's name
     * @param beacon what the probe was to write; empty when it was not meant to
     */
    public static Verdict ofProbe(
            Probe probe, String clusterId, Map<String, String> registered, Optional<Beacon> beacon) {
        if (probe instanceof Probe.Hung hung) {
            return Verdict.lost(Reason.SHARE_HUNG, hung.step() + " has not answered for " + hung.waited());
        }
        if (probe instanceof Probe.NotTried none) {
            return Verdict.lost(none.reason(), none.detail());
        }
        return SightRule.judge(((Probe.Looked) probe).trees(), clusterId, registered, beacon);
    }
}
