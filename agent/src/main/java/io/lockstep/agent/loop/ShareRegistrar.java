package io.lockstep.agent.loop;

import io.lockstep.wire.ShareRegistration;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down in the decision log which share is the cluster's, a tree at a time: the first one that the manager sees
 * proven by itself, and afterwards only another one that an operator accepts. Only the manager's control thread calls
 * the methods.
 */
final class ShareRegistrar {
    private static final Logger LOG = LoggerFactory.getLogger(ShareRegistrar.class);

    private final LoopSettings settings;
    private final Ledger ledger;

    ShareRegistrar(LoopSettings settings, Ledger ledger) {
        this.settings = settings;
        this.ledger = ledger;
    }

    /** First contact: registers a proven share of each tree that has none yet. */
    void turn(ShareWatch shareWatch, Instant now) throws IOException {
        if (!shareWatch.evidence().isProven() || !ledger.isTermOf(settings.node())) {
            return;
        }
        var registered = ledger.decided().shares();
        for (var share : settings.shares()) {
            var seen = registered.containsKey(share.tree())
                    ? Optional.<String>empty()
                    : shareWatch.shown(share.tree(), now).shareId();
            if (seen.isPresent()) {
                register(share.tree(), seen.get(), now);
            }
        }
    }

    private void register(String tree, String shareId, Instant now) throws IOException {
        ledger.register(tree, shareId, now);
        LOG.info("registered tree={} share={}", tree, shareId);
    }

    /**
     * Registers the shares that the manager sees now, as an operator wants it.
     *
     * @param tree one tree's name; empty for all
     * @throws IOException when the log can't be written
     */
    RegisterOutcome register(Optional<String> tree, ShareWatch shareWatch, Instant now) throws IOException {
        var wanted = settings.shares().stream()
                .map(TreeShare::tree)
                .filter(name -> tree.isEmpty() || name.equals(tree.get()))
                .toList();
        if (wanted.isEmpty()) {
            return new RegisterOutcome.NoSuchTree(tree.orElse(""));
        }
        if (!ledger.isTermOf(settings.node())) {
            return new RegisterOutcome.Refused(
                    "nothing was ever committed here", "wait for the first generation: it registers the share");
        }
        var shown = new TreeMap<String, String>();
        for (var name : wanted) {
            var sight = shareWatch.shown(name, now);
            if (sight.shareId().isEmpty()) {
                var verdict = sight.verdict();
                return new RegisterOutcome.Refused(
                        settings.node() + " does not see this cluster's share of tree " + name + ": " + verdict.reason()
                                + ", " + verdict.detail(),
                        verdict.reason().remedy());
            }
            shown.put(name, sight.shareId().get());
        }
        var done = new ArrayList<ShareRegistration>();
        for (var seen : shown.entrySet()) {
            var name = seen.getKey();
            var before = Optional.ofNullable(ledger.decided().shares().get(name));
            var registration = new ShareRegistration(name, before, seen.getValue());
            if (registration.isNew()) {
                register(name, registration.after(), now);
            }
            done.add(registration);
        }
        return new RegisterOutcome.Registered(done);
    }
}
