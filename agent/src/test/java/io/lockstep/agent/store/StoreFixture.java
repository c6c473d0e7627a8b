package io.lockstep.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.store.KeptListing.Listed;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.View;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A tree, a work directory and an applier between them. */
final class StoreFixture {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    static final GenerationId GENERATION = new GenerationId(1, 7);

    final Path tree;
    final Path tmp;
    final Path work;
    final Path outside;
    final ContentStage stage;
    private final Path scratch;

    StoreFixture(Path base) {
        this(base.resolve("replica"), base.resolve("work"));
    }

    StoreFixture(Path treeSide, Path work) {
        this.work = work;
        tree = treeSide.resolve("server");
        tmp = treeSide.resolve("tmp");
        outside = treeSide.resolve("outside");
        scratch = work.resolve("fetched");
        stage = new ContentStage(work.resolve("stage"), new FaultyCalls());
        try {
            Files.createDirectories(tree);
            Files.createDirectories(outside);
            Files.createDirectories(work);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    TreeApplier applier(DurableCalls calls) {
        return applier(calls, ForeignContent.REPLACE_AND_KEEP);
    }

    TreeApplier applier(DurableCalls calls, ForeignContent foreign) {
        return new TreeApplier(
                new TreePlace("server", tree, tmp, foreign),
                stage,
                new Trash(work.resolve("trash"), calls),
                new ConflictStore(work.resolve("conflicts"), calls),
                work,
                InstantSource.fixed(NOW),
                calls);
    }

    void write(String below, String content) {
        TreeOnDisk.write(tree, below, content);
    }

    void stage(String... contents) {
        for (var content : contents) {
            TreeOnDisk.stage(stage, scratch, content);
        }
    }

    View look() {
        return TreeOnDisk.look(tree);
    }

    ApplyRequest request(Manifest wanted, Manifest... known) {
        return new ApplyRequest(GENERATION, wanted, look(), List.of(known));
    }

    List<KeptEntry> trash() {
        return entries(new Trash(work.resolve("trash")).list(1000));
    }

    List<KeptEntry> conflicts() {
        return entries(new ConflictStore(work.resolve("conflicts")).list(1000));
    }

    private static List<KeptEntry> entries(KeptListing listing) {
        assertThat(listing).isInstanceOf(Listed.class);
        assertThat(((Listed) listing).undescribed()).isEmpty();
        return ((Listed) listing).entries();
    }

    /** The digests of everything in tree, trash and conflict store. */
    Set<Digest> preserved() {
        var all = new HashSet<Digest>(TreeOnDisk.contents(tree).values());
        all.addAll(TreeOnDisk.contents(work.resolve("trash")).values());
        all.addAll(TreeOnDisk.contents(work.resolve("conflicts")).values());
        return all;
    }

    List<String> namesInTmp() {
        return new ArrayList<>(TreeOnDisk.contents(tmp).keySet());
    }
}
