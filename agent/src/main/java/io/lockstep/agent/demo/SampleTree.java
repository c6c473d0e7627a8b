package io.lockstep.agent.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Published APIs as API Manager 2.x names and shapes them: an API file, its production and sandbox endpoints, and
 * sometimes a sequence.
 */
final class SampleTree {
    private static final String DEFAULT = "synapse-configs/default";
    private static final String NAMESPACE = "xmlns=\"http://ws.apache.org/ns/synapse\"";
    private static final List<String> NAMES = List.of(
            "Account", "Billing", "Booking", "Claim", "Fleet", "Invoice", "Ledger", "Loyalty", "Order", "Parcel",
            "Patient", "Quote", "Route", "Stock", "Ticket", "Weather");

    private final Path root;

    /** @param root the {@code server} directory */
    SampleTree(Path root) {
        this.root = root;
    }

    /** Writes the whole sample. */
    void write() throws IOException {
        for (var name : NAMES) {
            publish(name, "1.0.0");
        }
        put("synapse.xml", "<definitions " + NAMESPACE + "/>\n");
        put("sequences/main.xml", "<sequence " + NAMESPACE + " name=\"main\"><drop/></sequence>\n");
        put("sequences/fault.xml", "<sequence " + NAMESPACE + " name=\"fault\"><drop/></sequence>\n");
        put(
                "local-entries/5f0c2f7e-6e0c-4a3b-9a59-0d1f1c7a4b21.xml",
                "<localEntry " + NAMESPACE + " key=\"5f0c2f7e-6e0c-4a3b-9a59-0d1f1c7a4b21\">{\"swagger\":\"2.0\"}"
                        + "</localEntry>\n");
        policy("carbon.super_app_Gold", "requests >= 5000");
        policy("carbon.super_sub_Bronze", "requests >= 1000");
    }

    private void policy(String name, String condition) throws IOException {
        write(
                root.resolve("executionplans").resolve(name + ".siddhiql"),
                "@Plan:name('" + name + "')\nfrom RequestStream select * having " + condition + ";\n");
    }

    /**
     * Publishes an API as a Gateway does: what it refers to first, the API last.
     *
     * @return the API's file, relative to the tree's root
     */
    String publish(String name, String version) throws IOException {
        var context = name.toLowerCase(java.util.Locale.ROOT);
        for (var kind : List.of("production", "sandbox")) {
            var endpoint = name + "--v" + version + "_API" + kind + "Endpoint";
            put(
                    "endpoints/" + endpoint + ".xml",
                    "<endpoint " + NAMESPACE + " name=\"" + endpoint
                            + "\">\n   <http uri-template=\"http://127.0.0.1:1/" + kind + "/" + context
                            + "\"/>\n</endpoint>\n");
        }
        put(
                "sequences/admin--" + name + "_v" + version + "--In.xml",
                "<sequence " + NAMESPACE + " name=\"admin--" + name + ":v" + version
                        + "--In\">\n   <log level=\"custom\">"
                        + "<property name=\"flow\" value=\"in\"/></log>\n</sequence>\n");
        var file = "api/admin--" + name + "_v" + version + ".xml";
        put(file, api(name, version, context));
        return DEFAULT + "/" + file;
    }

    private static String api(String name, String version, String context) {
        return "<api " + NAMESPACE + " name=\"admin--" + name + "\" context=\"/" + context + "/" + version
                + "\" version=\"" + version + "\" version-type=\"context\">\n"
                + "   <resource methods=\"GET\" uri-template=\"/items/{id}\" faultSequence=\"fault\">\n"
                + "      <inSequence>\n         <sequence key=\"admin--" + name + ":v" + version + "--In\"/>\n"
                + "         <send><endpoint key=\"" + name + "--v" + version + "_APIproductionEndpoint\"/></send>\n"
                + "      </inSequence>\n      <outSequence><send/></outSequence>\n   </resource>\n"
                + "   <handlers>\n      <handler class=\"org.wso2.carbon.apimgt.gateway.handlers.security."
                + "APIAuthenticationHandler\"/>\n   </handlers>\n</api>\n";
    }

    private void put(String path, String body) throws IOException {
        write(root.resolve(DEFAULT).resolve(path), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + body);
    }

    /** A file appears under its name with all its bytes, as the hot deployer should see it. */
    private static void write(Path file, String text) throws IOException {
        var directory = Files.createDirectories(file.toAbsolutePath().getParent());
        var part = directory.resolve("." + file.getFileName() + ".part");
        Files.writeString(part, text);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
