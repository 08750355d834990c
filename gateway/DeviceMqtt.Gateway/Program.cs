Console.WriteLine("DeviceMqtt gateway");
