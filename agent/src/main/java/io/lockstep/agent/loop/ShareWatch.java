package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.AnnouncedBeacon;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.MountEvidence.State;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.generation.Manifest;
import io.lockstep.health.AgentSnapshot.PeerState;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.Marker;
import io.lockstep.mount.MountRule;
import io.lockstep.mount.MountRule.Ended;
import io.lockstep.mount.MountRule.Facts;
import io.lockstep.mount.MountRule.Verdict;
import io.lockstep.mount.Probe;
import io.lockstep.mount.Sight;
import io.lockstep.mount.TreeSight;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the evidence of the share and the looks at it. The mount table is asked at each turn, a probe looks every
 * second, a scan finds every interval what the share holds; {@link MountRule} makes evidence of what they and the
 * members say. Probes and scans may hang with the share, and hanging is evidence too.
 */
final class ShareWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ShareWatch.class);

    private final Share share;
    private final LoopSettings settings;
    private final LoopListener listener;
    private final Background<Probe> probe;
    private final ShareScans scans;
    private final MountWatch mounts;
    private final BeaconWatch beacons;
    private final AlignedLooks aligned;
    private Beacon nextBeacon;
    private Beacon probeBeacon;
    private Instant probeStartedAt = Instant.MIN;
    private Map<String, Optional<Long>> probeMounts = Map.of();
    private Optional<Ended> last = Optional.empty();
    private Map<String, Optional<Long>> lastMounts = Map.of();
    private Instant lookedAt;
    private Optional<AnnouncedBeacon> written = Optional.empty();
    private boolean isOwnViewLost;
    private Map<String, String> registered = Map.of();
    private MountEvidence evidence;

    /** What the members say, and what is decided. */
    record Told(List<PeerState> peers, boolean wereAllAsked, Map<String, String> registered) {}

    ShareWatch(
            Share share,
            Mounts mounts,
            LoopSettings settings,
            LoopListener listener,
            Executor probing,
            Executor scanning,
            Runnable wake,
            long incarnation,
            Instant now) {
        this.share = share;
        this.settings = settings;
        this.listener = listener;
        // What is not mounted is in no table.
        this.mounts = new MountWatch(mounts, settings.shareKind().isMounted() ? settings.shares() : List.of());
        probe = new Background<>(probing, wake);
        scans = new ShareScans(share, settings, listener, scanning, wake, now);
        beacons = new BeaconWatch(settings);
        aligned = new AlignedLooks(settings.shareKind().resolution());
        nextBeacon = new Beacon(settings.node(), incarnation, 1);
        probeBeacon = nextBeacon;
        lookedAt = now;
        evidence = MountEvidence.notYet(now);
    }

    MountEvidence evidence() {
        return evidence;
    }

    /** The last beacon that this node has on its share; empty while it has no share, or can't write it. */
    Optional<AnnouncedBeacon> beacon() {
        return isOwnViewLost ? Optional.empty() : written;
    }

    /** See {@link BeaconWatch#lags}. */
    Map<NodeName, Duration> beaconLags(Instant now) {
        return beacons.lags(now);
    }

    /** The last look, while the share is proven or only suspected, as the share can tell it from the reference. */
    Optional<LookHistory.Look> newer() {
        return isSeen() ? scans.looks().newer().map(aligned::of) : Optional.empty();
    }

    /** The latest look that is far enough before the last one to tell what has settled, likewise. */
    Optional<LookHistory.Look> older() {
        return isSeen() ? scans.looks().older().map(aligned::of) : Optional.empty();
    }

    /** The look before the last one, however close, likewise. */
    Optional<LookHistory.Look> previous() {
        return isSeen() ? scans.looks().previous().map(aligned::of) : Optional.empty();
    }

    /** Says what the looks are held against from now on. */
    void alignTo(Optional<Manifest> reference) {
        aligned.to(reference.orElse(Manifest.empty()));
    }

    private boolean isSeen() {
        return evidence.isProven() || evidence.state() == State.SUSPECT;
    }

    /** Whether two looks that are far enough apart saw the same. */
    boolean isSettled() {
        return evidence.isProven() && scans.looks().isSettled();
    }

    /** Whether the share has been proven without a break for this long. */
    boolean isProvenFor(Duration time, Instant now) {
        return evidence.isProven() && Duration.between(evidence.since(), now).compareTo(time) >= 0;
    }

    /** See {@link LookHistory#reported}. */
    List<EntryPath> reported() {
        return scans.looks().reported();
    }

    /** Asks for a look as soon as the pace allows. */
    void want() {
        scans.looks().want();
    }

    /** See {@link LookHistory#confirm}. */
    void confirm() {
        scans.looks().confirm();
    }

    /** See {@link ShareScans#takeChanges}. */
    List<EntryPath> takeChanges(int limit) {
        return scans.takeChanges(limit);
    }

    /** Collects what ended, judges, and starts what is due. */
    void turn(Told told, Instant now) {
        registered = told.registered();
        mounts.turn();
        beacons.hear(told.peers());
        scans.collect(now);
        probe.collect().ifPresent(found -> probed(found, now));
        judge(told.wereAllAsked(), now);
        if (!probe.isRunning() && isProbeDue(now)) {
            startProbe(now);
        }
        scans.startWhenDue(evidence.isProven(), now);
    }

    private boolean isProbeDue(Instant now) {
        return probeStartedAt.equals(Instant.MIN)
                || !now.isBefore(probeStartedAt.plus(settings.probeInterval()))
                || !mounts.ids().equals(probeMounts)
                || scans.isUnconfirmed();
    }

    private void startProbe(Instant now) {
        probeStartedAt = now;
        probeMounts = mounts.ids();
        var beacon = nextBeacon;
        probeBeacon = beacon;
        nextBeacon = beacon.next();
        probe.start(() -> share.probe(beacon, settings.peers()));
    }

    private void probed(Probe found, Instant now) {
        last = Optional.of(new Ended(found, probeBeacon, probeStartedAt));
        lastMounts = probeMounts;
        var verdict = MountRule.ofProbe(found, settings.clusterId(), registered, Optional.of(probeBeacon));
        listener.probed(Duration.between(probeStartedAt, now), verdict.reason());
        written = Optional.empty();
        if (found instanceof Probe.Looked looked) {
            lookedAt = probeStartedAt;
            beacons.looked(looked, probeStartedAt);
            refusals(looked);
            if (verdict.isOk()) {
                written = Optional.of(new AnnouncedBeacon(probeBeacon.incarnation(), probeBeacon.seq()));
            }
        }
    }

    private void refusals(Probe.Looked looked) {
        for (var tree : looked.trees()) {
            refusal(tree.directory());
            refusal(tree.marker());
            refusal(tree.written());
            tree.peers().values().forEach(this::refusal);
        }
    }

    private void refusal(Sight<?> sight) {
        if (sight instanceof Sight.Refused<?> refused) {
            listener.shareRefused(refused.error());
        }
    }

    private void judge(boolean wereAllAsked, Instant now) {
        boolean isReplaced = isReplaced();
        if (isReplaced) {
            scans.outdate();
        }
        // Before every member was asked, nobody can say that they all have this share.
        var vote = wereAllAsked
                ? beacons.verdict()
                : new Verdict(State.UNKNOWN, Reason.STARTING, "the members have not been asked yet");
        isOwnViewLost = judged(isReplaced, Verdict.OK, now).state() == State.LOST;
        observe(judged(isReplaced, vote, now));
        if (evidence.isProven()) {
            scans.confirm(lookedAt);
        }
    }

    /** Whether another mount is there than when the last probe began. */
    private boolean isReplaced() {
        return last.isPresent() && !mounts.ids().equals(lastMounts);
    }

    private MountEvidence judged(boolean isReplaced, Verdict vote, Instant now) {
        return MountRule.judge(
                facts(isReplaced, registered, scans.failure(), vote, last, now), settings.shareDeadline(), now);
    }

    private Facts facts(
            boolean isReplaced,
            Map<String, String> shares,
            Verdict scanFailure,
            Verdict vote,
            Optional<Ended> ended,
            Instant now) {
        var probeSilence = probe.isRunning() ? Duration.between(probeStartedAt, now) : Duration.ZERO;
        var scanSilence = scans.silence(now);
        boolean isProbe = probeSilence.compareTo(scanSilence) >= 0;
        return new Facts(
                settings.clusterId(),
                shares,
                mounts.verdict(),
                isReplaced,
                ended,
                lookedAt,
                isProbe ? probeSilence : scanSilence,
                isProbe ? "a probe" : "a scan",
                scanFailure,
                vote);
    }

    private void observe(MountEvidence found) {
        var next = evidence.followedBy(found);
        if (next.state() != evidence.state() || next.reason() != evidence.reason()) {
            LOG.info(
                    "share from={} to={} reason={} detail=\"{}\"",
                    evidence.state(),
                    next.state(),
                    next.reason(),
                    next.detail());
        }
        boolean wasSeen = isSeen();
        evidence = next;
        if (wasSeen && !isSeen()) {
            scans.lose();
        }
    }

    /**
     * Which share of a tree the last look showed, for one who would register it.
     *
     * @param verdict what speaks against it; whether it is registered, and what other members see, aside
     * @param shareId the id in its marker; empty when something speaks against it
     */
    record Shown(Verdict verdict, Optional<String> shareId) {}

    /** See {@link Shown}. */
    Shown shown(String tree, Instant now) {
        var ofTree = last.map(ended -> new Ended(only(tree, ended.probe()), ended.beacon(), ended.startedAt()));
        var facts = facts(isReplaced(), Map.of(), Verdict.OK, Verdict.OK, ofTree, now);
        var judged = MountRule.judge(facts, settings.shareDeadline(), now);
        var shareId = ofTree.filter(ended -> judged.isProven()).flatMap(ended -> shareId(ended.probe()));
        return new Shown(new Verdict(judged.state(), judged.reason(), judged.detail()), shareId);
    }

    private static Probe only(String tree, Probe probe) {
        return probe instanceof Probe.Looked looked
                ? new Probe.Looked(looked.trees().stream()
                        .filter(sight -> sight.tree().equals(tree))
                        .toList())
                : probe;
    }

    private static Optional<String> shareId(Probe probe) {
        return ((Probe.Looked) probe)
                .trees().stream()
                        .map(TreeSight::marker)
                        .flatMap(marker -> marker instanceof Sight.Seen<Marker> seen
                                ? Stream.of(seen.value().shareId())
                                : Stream.empty())
                        .findFirst();
    }
}
