using System.Collections;
using System;
using nanoFramework.M2Mqtt;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>Makes clients without a network, each prepared as the test says.</summary>
    internal sealed class FakeClientFactory : IMqttClientFactory
    {
        internal delegate void Prepare(FakeMqttClient client);

        /// <summary>What Create throws, if anything.</summary>
        internal Exception? Failure { get; set; }

        /// <summary>Called for each new client.</summary>
        internal Prepare? Preparing { get; set; }

        internal ArrayList Clients { get; } = new ArrayList();

        internal FakeMqttClient Last => (FakeMqttClient)Clients[Clients.Count - 1]!;

        public IMqttClient Create()
        {
            if (Failure != null)
            {
                throw Failure;
            }

            FakeMqttClient client = new FakeMqttClient();
            Preparing?.Invoke(client);
            Clients.Add(client);
            return client;
        }
    }
}
