package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.MemberView;
import io.lockstep.cluster.NodeName;
import io.lockstep.health.AgentSnapshot.PeerState;
import io.lockstep.wire.Exchange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node knows of the other members, kept fresh by exchanges: one a member and interval, and one at once when
 * this node has news.
 */
final class PeerTable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerTable.class);

    private final Peers peers;
    private final LoopSettings settings;
    private final LoopListener listener;
    private final Map<NodeName, Contact> contacts = new TreeMap<>();

    /** One member. */
    private static final class Contact {
        private final Background<Answer> exchange;
        private final LinkedHashSet<EntryPath> hints = new LinkedHashSet<>();
        private Optional<MemberView> view = Optional.empty();
        private Optional<Instant> heardAt = Optional.empty();
        private Optional<String> problem = Optional.of("not asked yet");
        private Optional<News> told = Optional.empty();
        private Instant nextAt = Instant.MIN;
        private boolean wasAsked;

        Contact(Background<Answer> exchange) {
            this.exchange = exchange;
        }
    }

    /** How an exchange ended. */
    private record Answer(Optional<Exchange> exchange, Optional<String> problem) {}

    /** What others act on: when it changes they are told at once. */
    private record News(MemberView view) {
        static News of(MemberView v) {
            // Ages grow and beacons move on all the time, and are no news.
            return new News(new MemberView(
                    v.name(),
                    v.role(),
                    v.mode(),
                    v.epoch(),
                    v.logIndex(),
                    v.reference(),
                    v.applied(),
                    v.servedRoot(),
                    v.replicaRoot(),
                    v.heldBackRoot(),
                    v.serving(),
                    v.mount(),
                    v.mountReason(),
                    Optional.empty(),
                    v.fault(),
                    v.drift(),
                    0,
                    0,
                    v.conflicts(),
                    v.version()));
        }
    }

    PeerTable(Peers peers, LoopSettings settings, LoopListener listener, Executor executor, Runnable wake) {
        this.peers = peers;
        this.settings = settings;
        this.listener = listener;
        settings.peers().forEach(name -> contacts.put(name, new Contact(new Background<>(executor, wake))));
    }

    /** Collects answers and starts the exchanges that are due; returns the hints that arrived. */
    List<EntryPath> turn(MemberView mine, List<EntryPath> changes, Instant now) {
        var arrived = new ArrayList<EntryPath>();
        for (var entry : contacts.entrySet()) {
            var contact = entry.getValue();
            changes.stream()
                    .limit(Math.max(0, Exchange.MAX_HINTS - contact.hints.size()))
                    .forEach(contact.hints::add);
            contact.exchange.collect().ifPresent(answer -> arrived.addAll(take(entry.getKey(), contact, answer, now)));
            boolean hasNews = !contact.hints.isEmpty() || !contact.told.equals(Optional.of(News.of(mine)));
            // A member that does not answer is asked at the regular pace only.
            boolean isDue = !now.isBefore(contact.nextAt) || (hasNews && contact.problem.isEmpty());
            if (isDue && !contact.exchange.isRunning()) {
                start(entry.getKey(), contact, mine, now);
            }
        }
        return arrived;
    }

    private void start(NodeName name, Contact contact, MemberView mine, Instant now) {
        var message = new Exchange(mine, List.copyOf(contact.hints));
        contact.hints.clear();
        contact.told = Optional.of(News.of(mine));
        contact.nextAt = now.plus(settings.exchangeInterval());
        contact.exchange.start(() -> {
            try {
                return new Answer(Optional.of(peers.exchange(name, message)), Optional.empty());
            } catch (PeerException e) {
                return new Answer(Optional.empty(), Optional.of(String.valueOf(e.getMessage())));
            }
        });
    }

    private List<EntryPath> take(NodeName name, Contact contact, Answer answer, Instant now) {
        contact.wasAsked = true;
        listener.exchanged(answer.exchange().isPresent());
        if (answer.exchange().isEmpty()) {
            if (contact.problem.isEmpty()) {
                LOG.warn(
                        "peer={} unreachable reason=\"{}\"",
                        name,
                        answer.problem().orElse(""));
            }
            contact.problem = answer.problem();
            return List.of();
        }
        heard(contact, answer.exchange().get().member(), now);
        return answer.exchange().get().hints();
    }

    /** A member told of itself unasked. Names of others than members are ignored. */
    void heard(MemberView view, Instant now) {
        var contact = contacts.get(view.name());
        if (contact != null) {
            heard(contact, view, now);
        }
    }

    private static void heard(Contact contact, MemberView view, Instant now) {
        if (contact.problem.isPresent()) {
            LOG.info("peer={} reachable", view.name());
        }
        contact.view = Optional.of(view);
        contact.heardAt = Optional.of(now);
        contact.problem = Optional.empty();
    }

    /** Whether every member has answered once, or could not be reached. */
    boolean wereAllAsked() {
        return contacts.values().stream().allMatch(contact -> contact.wasAsked || contact.heardAt.isPresent());
    }

    /** What is known of every other member, sorted by name. */
    List<PeerState> states(Instant now) {
        var silence = settings.exchangeInterval().multipliedBy(3).plus(Duration.ofSeconds(5));
        return contacts.entrySet().stream()
                .map(entry -> {
                    var contact = entry.getValue();
                    boolean isSilent = contact.heardAt
                            .map(at -> Duration.between(at, now).compareTo(silence) > 0)
                            .orElse(true);
                    var problem = contact.problem.isEmpty() && isSilent
                            ? Optional.of("silent for more than " + silence)
                            : contact.problem;
                    return new PeerState(entry.getKey(), contact.view, contact.heardAt, problem);
                })
                .toList();
    }
}
