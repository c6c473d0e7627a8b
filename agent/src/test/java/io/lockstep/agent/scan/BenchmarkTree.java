package io.lockstep.agent.scan;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** A tree to measure with. */
public final class BenchmarkTree {
    private BenchmarkTree() {}

    /** Files in the sizes and places of published APIs: an api, two endpoints and one or two sequences each. */
    public static void write(Path tree, int files) throws IOException {
        var random = new Random(7);
        var base = tree.resolve("synapse-configs/default");
        for (var kind : List.of("api", "endpoints", "sequences")) {
            Files.createDirectories(base.resolve(kind));
        }
        for (int i = 0; i < files; i++) {
            String name = "Pizza" + i / 5 + "API";
            switch (i % 5) {
                case 0 ->
                    write(base.resolve("api/admin--" + name + "_v1.0.0.xml"), 1200 + random.nextInt(1800), random);
                case 1, 2 -> {
                    String kind = i % 5 == 1 ? "production" : "sandbox";
                    write(base.resolve("endpoints/" + name + "--v1.0.0_API" + kind + "Endpoint.xml"), 250, random);
                }
                default -> {
                    String flow = i % 5 == 3 ? "In" : "Out";
                    write(base.resolve("sequences/admin--" + name + "_v1.0.0--" + flow + ".xml"), 220, random);
                }
            }
        }
    }

    private static void write(Path file, int sizeBytes, Random random) throws IOException {
        var text = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<api>");
        while (text.length() < sizeBytes) {
            text.append("<property name=\"p").append(random.nextInt(1_000_000)).append("\"/>\n");
        }
        Files.write(file, text.append("</api>\n").toString().getBytes(StandardCharsets.UTF_8));
    }
}
