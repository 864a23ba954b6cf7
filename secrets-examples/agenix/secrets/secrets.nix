# Who may read which secret. The private halves of these keys are in ../throwaway-keys: this fleet is an example and
# protects nothing.
let
  people = {
    alice = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM1FzoOu5eZqz6/gnEPIBn9tbUserXji96uKh2uHeGsB alice@laptop";
    bob = "age1lc73y7ywdzhq0pua2wavp77slc80ek87az44se7q9qykfut3uugqvtd6pr";
  };
  backup.offline = "age1qjpdp86v3akslqf8taf7tx20p9nl4nergyv0knd049g3kxwh55vqhwkrfh";
  hosts = {
    web = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN4X+TWPcUWPtsDGCC9r0GdJPf2u/num0hf3+CJuljFY root@web";
    db = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHGibrZKJwiL+0HHu2GqAqVIE+qX8VjDnTXBVkGI5hvc root@db";
    mail = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH5IA9FYPfBKkMyRQSbKDJ5/ZpJPQT5b7ZZdc5JPJnTI root@mail";
  };

  everyone = builtins.attrValues people ++ [ backup.offline ];
in
{
  "admin-token.age".publicKeys = everyone;
  "backup-passphrase.age".publicKeys = everyone ++ builtins.attrValues hosts;
  "db-password.age".publicKeys = everyone ++ [
    hosts.web
    hosts.db
  ];
  "mail-relay.age".publicKeys = everyone ++ [ hosts.mail ];
  "web-session.age".publicKeys = everyone ++ [ hosts.web ];
  "web-tls.age" = {
    publicKeys = everyone ++ [ hosts.web ];
    armor = true;
  };
}
