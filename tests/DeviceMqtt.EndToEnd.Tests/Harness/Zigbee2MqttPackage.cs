namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>zigbee2mqtt as it is in npm, with a radio that Js/zigbee2mqtt/radio.js plays: a lamp and a sensor, both paired.</summary>
internal static class Zigbee2MqttPackage
{
    // It asks for Node.js 22, and what is used of it here runs with 20, too.
    private static readonly NpmPackage Package = new("zigbee2mqtt@2.14.1", "zigbee2mqtt-package");

    /// <summary>Starts it as its documents say, with Home Assistant's discovery.</summary>
    /// <param name="port">Of the broker.</param>
    /// <param name="version">Of MQTT: 4 or 5.</param>
    /// <param name="folder">Of its settings and its database.</param>
    public static Task<ChildProcess> Start(int port, int version, TestFolder folder)
    {
        _ = folder.Write("configuration.yaml", $$"""
            version: 5
            homeassistant: { enabled: true }
            frontend: { enabled: false }
            mqtt: { server: 'mqtt://127.0.0.1:{{port}}', version: {{version}} }
            serial: { port: /dev/null, adapter: zstack }
            advanced: { log_output: [console], log_level: warning, network_key: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16], pan_id: 6754, ext_pan_id: [1,2,3,4,5,6,7,8] }
            devices:
              '0x00124b0000000002': { friendly_name: lamp }
              '0x00124b0000000003': { friendly_name: shed }
            """);
        _ = folder.Write("database.db", string.Join('\n',
            Device(1, "Coordinator", "", 0, "", "", ""),
            Device(2, "Router", "IKEA of Sweden", 4476, "TRADFRI bulb E27 WS opal 980lm", "0,3,4,5,6,8,768", """ "lightingColorCtrl":{"attributes":{"colorCapabilities":16,"colorTempPhysicalMin":250,"colorTempPhysicalMax":454}} """),
            Device(3, "EndDevice", "LUMI", 4151, "lumi.weather", "0,3,1026,1027,1029", "")));
        Dictionary<string, string> environment = new() { ["ZIGBEE2MQTT_DATA"] = folder.Path };
        return Package.Run(Path.Combine(AppContext.BaseDirectory, "Js", "zigbee2mqtt", "radio.js"), [Package.Folder], environment);
    }

    // A line of its database; of the coordinator the network address is 0.
    private static string Device(int id, string type, string maker, int makerId, string model, string inClusters, string attributes) =>
        $$"""{"id":{{id}},"type":"{{type}}","ieeeAddr":"0x00124b000000000{{id}}","nwkAddr":{{(id == 1 ? 0 : id)}},"manufId":{{makerId}},"manufName":"{{maker}}","modelId":"{{model}}","""
        + $$""" "powerSource":"Battery","epList":[1],"endpoints":{"1":{"profId":260,"epId":1,"devId":268,"inClusterList":[{{inClusters}}],"outClusterList":[],"clusters":{ {{attributes}} },"""
        + """ "binds":[],"configuredReportings":[],"meta":{}}},"interviewCompleted":true,"interviewState":"SUCCESSFUL","meta":{}}""";
}
