package io.lockstep.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.MountEvidence.State;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.mount.MountRule.Ended;
import io.lockstep.mount.MountRule.Facts;
import io.lockstep.mount.MountRule.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Every promise is held against every class of facts that there is. */
class MountRuleTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:10:00Z");
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final Beacon BEACON = new Beacon(new NodeName("gw1"), 7, 17);
    private static final Instant STARTED = NOW.minusSeconds(1);

    private static final List<Verdict> TABLES = List.of(
            Verdict.OK,
            Verdict.readable(Reason.READ_ONLY, "ro"),
            Verdict.lost(Reason.NOT_MOUNTED, "none"),
            Verdict.unknown(Reason.SHARE_IO_ERROR, "no table"));
    private static final List<Verdict> SCANS = List.of(Verdict.OK, Verdict.lost(Reason.STALE_HANDLE, "scan"));
    private static final List<Verdict> VOTES = List.of(
            Verdict.OK,
            Verdict.suspect(Reason.STALE_VIEW, "waits"),
            Verdict.lost(Reason.WRONG_EXPORT, "alone"),
            Verdict.unknown(Reason.STARTING, "not asked"));
    private static final List<Duration> SILENCES =
            List.of(Duration.ZERO, Duration.ofSeconds(5), Duration.ofMillis(5001), DEADLINE, DEADLINE.plusMillis(1));
    private static final List<Optional<Probe>> PROBES = List.of(
            Optional.empty(),
            Optional.of(looked(new Sight.Seen<>(BEACON))),
            Optional.of(looked(new Sight.Refused<>("write", "ENOSPC"))),
            Optional.of(looked(new Sight.Refused<>("read", "EIO"))),
            Optional.of(new Probe.Hung("stat", DEADLINE)),
            Optional.of(new Probe.NotTried(Reason.MOUNT_IO_STUCK, "4 hang")));
    private static final List<Duration> AGES = List.of(Duration.ofSeconds(1), DEADLINE, DEADLINE.plusMillis(1));
    private static final List<Facts> EVERY_FACT = everyFact();

    private static Probe looked(Sight<Beacon> written) {
        return new Probe.Looked(List.of(new TreeSight(
                "server", new Sight.Seen<>("1:2"), new Sight.Seen<>(new Marker("prod", "4711")), written, Map.of())));
    }

    private static MountEvidence judge(Facts facts) {
        return MountRule.judge(facts, DEADLINE, NOW);
    }

    @Test
    void everyClassOfFactsHasItsEvidence() {
        assertThat(EVERY_FACT).hasSize(4 * 2 * 4 * 5 * 6 * 3 * 2);
        always(facts -> true, (facts, out) -> !out.detail().isEmpty() || out.reason() == Reason.OK);
    }

    @Test
    void onlyAGoodLookProvesAShareAndOnlyWhenNothingSpeaksAgainstIt() {
        always(
                facts -> judge(facts).isProven(),
                (facts, out) -> isGoodLook(facts)
                        && facts.table().state() == State.PROVEN
                        && facts.scan().isOk()
                        && facts.beacons().isOk()
                        && facts.silence().compareTo(DEADLINE.dividedBy(2)) <= 0
                        && !facts.isReplaced());
        always(
                facts -> isGoodLook(facts)
                        && facts.table().isOk()
                        && facts.scan().isOk()
                        && facts.beacons().isOk()
                        && facts.silence().isZero()
                        && !facts.isReplaced(),
                (facts, out) -> out.isProven());
    }

    private static boolean isGoodLook(Facts facts) {
        return probe(facts) instanceof Probe.Looked && !isLostByItself(facts);
    }

    private static boolean isLostByItself(Facts facts) {
        var probe = facts.last().map(Ended::probe);
        return probe.isPresent()
                && !(probe.get() instanceof Probe.NotTried)
                && MountRule.ofProbe(probe.get(), "prod", Map.of(), Optional.of(BEACON))
                        .isLost();
    }

    private static Object probe(Facts facts) {
        return facts.last().<Object>map(Ended::probe).orElse("none");
    }

    @Test
    void aProvenShareIsWritableOnlyWhenItWasWritten() {
        always(
                facts -> judge(facts).isProven(),
                (facts, out) -> out.isWritable()
                        == (facts.table().isOk() && probe(facts).equals(probeAt(1))));
    }

    private static Probe probeAt(int index) {
        return PROBES.get(index).orElseThrow();
    }

    @Test
    void whatTheTableSaysLosesTheShareAtOnceAndIsSeenNow() {
        always(
                facts -> facts.table().isLost(),
                (facts, out) -> out.state() == State.LOST
                        && out.reason() == Reason.NOT_MOUNTED
                        && out.observedAt().equals(NOW));
    }

    @Test
    void aShareThatDoesNotAnswerIsSuspectedFromHalfOfItsDeadlineAndLostAfterIt() {
        always(
                facts -> facts.silence().compareTo(DEADLINE) > 0
                        && !facts.table().isLost(),
                (facts, out) -> out.state() == State.LOST
                        && out.reason() == Reason.SHARE_HUNG
                        && out.observedAt().equals(NOW));
        always(
                facts -> facts.silence().compareTo(DEADLINE.dividedBy(2)) > 0,
                (facts, out) -> out.state() == State.SUSPECT || out.state() == State.LOST);
        always(
                facts -> isGoodLook(facts)
                        && facts.silence().equals(DEADLINE)
                        && facts.table().isOk()
                        && facts.scan().isOk()
                        && facts.beacons().isOk(),
                (facts, out) -> out.state() == State.SUSPECT
                        && out.reason() == Reason.SHARE_HUNG
                        && out.observedAt().equals(facts.lookedAt()));
    }

    @Test
    void aRefusedReadAFailedScanAndALostVoteLoseTheShare() {
        always(
                facts -> isLostByItself(facts)
                        || facts.scan().isLost()
                        || facts.beacons().isLost(),
                (facts, out) -> out.state() == State.LOST);
    }

    @Test
    void whatCouldNotBeTriedIsLostOnlyWhenNobodyLookedForTheDeadline() {
        always(
                facts -> probe(facts) instanceof Probe.NotTried
                        && facts.table().isOk()
                        && facts.scan().isOk()
                        && facts.beacons().isOk()
                        && facts.silence().isZero(),
                (facts, out) -> out.reason() == Reason.MOUNT_IO_STUCK
                        && out.state()
                                == (Duration.between(facts.lookedAt(), NOW).compareTo(DEADLINE) > 0
                                        ? State.LOST
                                        : State.SUSPECT));
    }

    @Test
    void beforeTheFirstLookNothingIsKnown() {
        always(facts -> facts.last().isEmpty(), (facts, out) -> out.state() != State.PROVEN);
        always(
                facts -> facts.last().isEmpty()
                        && facts.table().isOk()
                        && facts.scan().isOk()
                        && facts.beacons().isOk()
                        && facts.silence().isZero(),
                (facts, out) -> out.state() == State.UNKNOWN && out.reason() == Reason.STARTING);
    }

    @Test
    void aMountThatWasReplacedIsNotProvenByALookAtTheOneBefore() {
        always(Facts::isReplaced, (facts, out) -> !out.isProven());
    }

    @Test
    void evidenceIsAsOldAsTheLookThatItRestsOn() {
        always(
                facts -> judge(facts).isProven(),
                (facts, out) -> out.observedAt().equals(STARTED));
        var hung = new Facts(
                "prod",
                Map.of(),
                Verdict.OK,
                false,
                Optional.of(new Ended(new Probe.Hung("stat", Duration.ofSeconds(8)), BEACON, NOW.minusSeconds(9))),
                NOW.minusSeconds(300),
                Duration.ZERO,
                "a probe",
                Verdict.OK,
                Verdict.OK);
        assertThat(judge(hung).observedAt()).as("given up a second ago").isEqualTo(STARTED);
    }

    private static void always(Predicate<Facts> about, BiPredicate<Facts, MountEvidence> promise) {
        int cases = 0;
        var broken = new ArrayList<String>();
        for (var facts : EVERY_FACT) {
            var out = judge(facts);
            if (about.test(facts)) {
                cases++;
                if (!promise.test(facts, out)) {
                    broken.add(facts + " -> " + out);
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(cases).as("cases that the promise is about").isPositive();
    }

    private static List<Facts> everyFact() {
        var all = new ArrayList<Facts>();
        for (var table : TABLES) {
            for (var scan : SCANS) {
                for (var vote : VOTES) {
                    for (var silence : SILENCES) {
                        for (var probe : PROBES) {
                            for (var age : AGES) {
                                for (var replaced : List.of(true, false)) {
                                    var last = probe.map(ended -> new Ended(ended, BEACON, STARTED));
                                    // A look is as old as its probe; without one, its age is free.
                                    var lookedAt = probe.filter(Probe.Looked.class::isInstance)
                                                    .isPresent()
                                            ? STARTED
                                            : NOW.minus(age);
                                    all.add(new Facts(
                                            "prod", Map.of(), table, replaced, last, lookedAt, silence, "a probe", scan,
                                            vote));
                                }
                            }
                        }
                    }
                }
            }
        }
        return all;
    }
}
