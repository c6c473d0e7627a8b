package io.lockstep.agent.app;

import io.lockstep.agent.store.Corruption;
import io.lockstep.health.StoreState;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kept files that were found damaged and are not mended yet. For several threads. */
final class Corruptions implements Consumer<Corruption> {
    private static final Logger LOG = LoggerFactory.getLogger(Corruptions.class);
    /** More damaged files than this are a broken disk, for which no list helps. */
    private static final int LIMIT = 10_000;

    /** A damaged file and its tree. */
    record Damage(String tree, Corruption corruption) {}

    private final Map<Path, Damage> found = new LinkedHashMap<>();
    private long mended;

    @Override
    public synchronized void accept(Corruption corruption) {
        var entry = corruption.entry();
        var tree = entry.path().first().toString();
        boolean isNew = found.size() < LIMIT && found.put(entry.content(), new Damage(tree, corruption)) == null;
        if (isNew) {
            LOG.error(
                    "kept content is damaged place={} file={} path={} generation={} detail=\"{}\"",
                    corruption.place(),
                    entry.content(),
                    entry.path(),
                    entry.generation(),
                    corruption.detail());
        }
    }

    synchronized void mended(Corruption corruption, String from) {
        if (found.remove(corruption.entry().content()) != null) {
            mended++;
            LOG.info(
                    "kept content is mended file={} path={} from={}",
                    corruption.entry().content(),
                    corruption.entry().path(),
                    from);
        }
    }

    /** It is not there any more, so that nothing is left to mend. */
    synchronized void forget(Corruption corruption) {
        found.remove(corruption.entry().content());
    }

    synchronized List<Damage> damages() {
        return List.copyOf(found.values());
    }

    synchronized long mendedCount() {
        return mended;
    }

    synchronized int count() {
        return found.size();
    }

    /** The first ones, in words. */
    synchronized List<String> described() {
        return found.values().stream()
                .limit(StoreState.MAX_DAMAGED)
                .map(damage -> damage.corruption().entry().content() + " ("
                        + damage.corruption().entry().path() + "): "
                        + damage.corruption().detail())
                .toList();
    }
}
