Console.WriteLine("DeviceMqtt benchmarks");
