package io.lockstep.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Planner, journal and recovery over random trees: a generation, the next one, and a tree on the disk that is something of
 * the first and something of nobody. Whatever changes its kind between them, and wherever the process ends on the way, the
 * tree comes to the next generation and every content is live or kept.
 */
class RandomApplyIT {
    private static final int ROUNDS = 40;
    private static final int KILLS = 3;
    private static final int DEPTH = 3;
    private static final List<String> NAMES = List.of("api", "b.xml", "c d", "é");
    private static final List<String> CONTENTS = List.of("", "one", "two", "three", "a longer one");

    @TempDir
    private Path base;

    /** A tree by its paths; a directory has no content. */
    private record Shape(Map<String, String> files, Map<String, Integer> directories) {
        static Shape random(Random random) {
            var shape = new Shape(new TreeMap<>(), new TreeMap<>());
            shape.fill("", DEPTH, random);
            return shape;
        }

        private void fill(String above, int depth, Random random) {
            for (var name : NAMES) {
                int kind = random.nextInt(5);
                if (kind == 1 && depth > 1) {
                    directories.put(above + name, random.nextBoolean() ? 0755 : 0700);
                    fill(above + name + "/", depth - 1, random);
                } else if (kind > 1) {
                    files.put(above + name, CONTENTS.get(random.nextInt(CONTENTS.size())));
                }
            }
        }

        Manifest manifest() {
            var entries = new ArrayList<ManifestEntry>();
            directories.forEach((path, mode) -> entries.add(TreeOnDisk.directory(path, mode)));
            files.forEach((path, content) -> entries.add(TreeOnDisk.file(path, content)));
            return TreeOnDisk.manifest(entries.toArray(ManifestEntry[]::new));
        }

        /** Some of it, on the disk; what stands in its way is left out. */
        void write(Path root, Random random, int percent) {
            var seen = TreeOnDisk.look(root).manifest();
            directories.forEach((path, mode) -> {
                if (random.nextInt(100) < percent && isFree(seen, path)) {
                    TreeOnDisk.makeDirectory(root, path, mode);
                }
            });
            files.forEach((path, content) -> {
                if (random.nextInt(100) < percent
                        && isFree(TreeOnDisk.look(root).manifest(), path)) {
                    TreeOnDisk.write(root, path, content);
                }
            });
        }

        private static boolean isFree(Manifest seen, String path) {
            for (var at = Optional.of(TreeOnDisk.path(path));
                    at.isPresent();
                    at = at.get().parent()) {
                var there = seen.find(at.get());
                boolean isSelf = at.get().equals(TreeOnDisk.path(path));
                if (there.isPresent() && (isSelf || there.get().isFile())) {
                    return false;
                }
            }
            return true;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theNextGenerationComesAndNothingIsLostWhereverItEnds(long seed) throws IOException {
        var random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            var known = Shape.random(random);
            var next = Shape.random(random);
            var foreign = Shape.random(random);
            var at = new StoreFixture(base.resolve("round" + round));
            known.write(at.tree, random, 80);
            foreign.write(at.tree, random, 30);
            CONTENTS.forEach(at::stage);
            var existed = at.preserved();
            var wanted = next.manifest();

            for (int kill = 0; kill < KILLS; kill++) {
                endAnywhere(at, wanted, known.manifest(), random);
                assertThat(at.applier(DurableCalls.DIRECT)
                                .recover(StoreFixture.GENERATION, List.of(known.manifest(), wanted)))
                        .isInstanceOf(TreeApplier.Recovery.Recovered.class);
                assertThat(at.preserved()).as("seed %d, round %d", seed, round).containsAll(existed);
            }
            // What a directory hid, and what stood where another thing belongs, may need a second look.
            for (int pass = 0; pass < DEPTH && !at.look().equals(View.of(wanted)); pass++) {
                at.applier(DurableCalls.DIRECT).apply(at.request(wanted, known.manifest()));
            }

            assertThat(at.look()).as("seed %d, round %d", seed, round).isEqualTo(View.of(wanted));
            assertThat(at.preserved()).containsAll(existed);
            assertThat(at.namesInTmp()).isEmpty();
            PathUtils.deleteDirectory(base.resolve("round" + round));
        }
    }

    private static void endAnywhere(StoreFixture at, Manifest wanted, Manifest known, Random random) {
        try {
            at.applier(new FaultyCalls().killBefore(random.nextInt(60))).apply(at.request(wanted, known));
        } catch (FaultyCalls.Killed killed) {
            assertThat(killed).hasMessageStartingWith("killed before");
        }
    }
}
