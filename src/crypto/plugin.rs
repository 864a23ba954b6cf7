//! Conversations with age plugins, `age-plugin-<name>` on the search path (C2SP `age-plugin`), through the
//! age crate. One conversation serves all keys of a plugin. The plugin is a program of the user's: what it
//! says is shown, never trusted.

use std::collections::BTreeMap;
use std::sync::Arc;

use age::Identity as _;
use age::Recipient as _;
use age::plugin::IdentityPluginV1;
use age::plugin::RecipientPluginV1;
use age_core::format::Stanza;

use super::error::SealError;
use super::excerpt::excerpt;
use super::filekey::FileKey;
use super::recipient::Recipient;
use super::unlock::PluginCallbacks;
use super::unlock::Unlock;

/// All recipients of one plugin.
pub(crate) struct PluginGroup {
    name: String,
    plugin: RecipientPluginV1<PluginCallbacks>,
}

impl PluginGroup {
    /// The groups among `recipients`, in the order of their plugins' names.
    pub(crate) fn all(
        recipients: &[Recipient],
        unlock: &Arc<dyn Unlock>,
    ) -> Result<Vec<Self>, SealError> {
        let mut groups: BTreeMap<&str, Vec<age::plugin::Recipient>> = BTreeMap::new();
        for recipient in recipients {
            if let Some(name) = recipient.plugin() {
                let parsed = recipient.canonical().parse();
                let parsed =
                    parsed.map_err(|_| SealError::Unusable { recipient: recipient.label() })?;
                groups.entry(name).or_default().push(parsed);
            }
        }
        let groups = groups.into_iter().map(|(name, group)| {
            let name = name.to_owned();
            let callbacks = PluginCallbacks(Arc::clone(unlock));
            match RecipientPluginV1::new(&name, &group, &[], callbacks) {
                Ok(plugin) => Ok(Self { name, plugin }),
                Err(_) => Err(SealError::NoPlugin { name }),
            }
        });
        groups.collect()
    }

    /// The stanzas for the group. `recipients` are all of the file: the plugin's labels say whether it
    /// tolerates the others.
    pub(crate) fn wrap(
        &self,
        file_key: &FileKey,
        recipients: &[Recipient],
    ) -> Result<Vec<Stanza>, SealError> {
        let failed = |reason: String| SealError::Plugin { name: self.name.clone(), reason };
        let (stanzas, labels) = self
            .plugin
            .wrap_file_key(&file_key.to_age())
            .map_err(|error| failed(excerpt(&error.to_string())))?;
        let is_strong = labels.contains("postquantum");
        let is_picky = labels.iter().any(|label| label != "postquantum");
        let clash =
            recipients.iter().filter(|other| other.plugin() != Some(&self.name)).find(|other| {
                is_picky || other.is_post_quantum().is_some_and(|strong| strong != is_strong)
            });
        match clash {
            Some(other) => {
                Err(failed(format!("its keys cannot share a file with `{}`", other.label())))
            }
            None => Ok(stanzas),
        }
    }
}

/// Lets every plugin among `identities` try the stanzas, in order.
pub(crate) fn unwrap(
    identities: &[age::plugin::Identity],
    stanzas: &[&Stanza],
    unlock: &Arc<dyn Unlock>,
    failures: &mut Vec<String>,
) -> Option<FileKey> {
    let stanzas: Vec<Stanza> = stanzas
        .iter()
        .map(|stanza| Stanza {
            tag: stanza.tag.clone(),
            args: stanza.args.clone(),
            body: stanza.body.clone(),
        })
        .collect();
    let mut names: Vec<&str> = Vec::new();
    for identity in identities {
        if !names.contains(&identity.plugin()) {
            names.push(identity.plugin());
        }
    }
    for name in names {
        let callbacks = PluginCallbacks(Arc::clone(unlock));
        let Ok(plugin) = IdentityPluginV1::new(name, identities, callbacks) else {
            failures.push(format!("`age-plugin-{name}` is not on the search path"));
            continue;
        };
        match plugin.unwrap_stanzas(&stanzas) {
            Some(Ok(key)) => return Some(FileKey::from_age(&key)),
            Some(Err(error)) => {
                let error = error.to_string();
                failures.push(format!("`age-plugin-{name}` failed: {}", excerpt(&error)));
            }
            None => {}
        }
    }
    None
}
